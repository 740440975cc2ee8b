import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../contract/clock.js";
import { inStep } from "./in-step.js";

export type { Clock } from "../contract/clock.js";

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  inStep: (ms) => inStep(ms, performance.now()),
};
