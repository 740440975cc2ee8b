import { setTimeout as sleep } from "node:timers/promises";
import type { WaitClock } from "../contract/wait.js";

/** Time as the agent uses it: `monotonicMs` for every duration and deadline, `now` only for what people read. */
export interface Clock extends WaitClock {
  now(): Date;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
