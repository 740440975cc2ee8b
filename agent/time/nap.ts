import type { Clock } from "./clock.js";

/** A loop's pause that other code can end early. One loop per nap. */
export interface Nap {
  /** Resolves after `ms`, or at once after a wake, now or since the last pause: no wake is ever lost. */
  pause(ms: number): Promise<void>;
  /** Cheap; may be called at any time, any number of times. */
  wake(): void;
}

/**
 * A new controller for each pause, and no AbortSignal.any with a signal that lives as long as the agent: in Node.js 20 to 24 each
 * such call leaves something behind, some 10 MB a day at this rate.
 */
export function createNap(clock: Pick<Clock, "sleep">): Nap {
  let alarm = new AbortController();
  return {
    async pause(ms) {
      await clock.sleep(ms, alarm.signal);
      alarm = new AbortController();
    },
    wake: () => alarm.abort(),
  };
}
