import { reasonOf } from "../errors.js";
import type { Clock } from "./clock.js";
import { createNap } from "./nap.js";

/** Work that is done again and again until it is stopped. */
export interface Loop {
  /** Begins. Resolves after the first step, whatever came of it. Call once. */
  start(): Promise<void>;
  /** The next step comes at once: now, or after the step under way. Cheap; may be called at any time. */
  wake(): void;
  /** No step begins after it; resolves when the one under way has ended. May be called twice, and before `start`. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** Gives the milliseconds until the next step; 0: at once. What it throws ends the step, not the loop. */
  step(): Promise<number>;
  /** The pause after a step that failed. */
  readonly retryMs: number;
  /** Hears the first failure of an outage, and each that has another reason; after a good step an outage is a new one. */
  onOutage(error: unknown): void;
  readonly clock: Pick<Clock, "sleep" | "inStep">;
}

/** Makes the loop; it does nothing before `start`. Steps never overlap. */
export function createLoop({ step, retryMs, onOutage, clock }: LoopOptions): Loop {
  const nap = createNap(clock);
  let isStopping = false;
  let outage: string | null = null;
  let running: Promise<void> = Promise.resolve();

  /** Gives the pause after it. */
  async function stepSafely(): Promise<number> {
    try {
      const pauseMs = await step();
      outage = null;
      return pauseMs;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== outage) onOutage(error);
      outage = reason;
      return retryMs;
    }
  }

  async function goOn(first: Promise<number>): Promise<void> {
    for (let pauseMs = await first; !isStopping; pauseMs = await stepSafely()) {
      if (pauseMs > 0) await nap.pause(clock.inStep?.(pauseMs) ?? pauseMs);
      if (isStopping) return;
    }
  }

  return {
    async start() {
      if (isStopping) return;
      const first = stepSafely();
      running = goOn(first);
      await first;
    },
    wake: nap.wake,
    stop() {
      isStopping = true;
      nap.wake();
      return running;
    },
  };
}
