import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { Ticks } from "./ports.js";
import { createScheduler, type Scheduler, type SchedulerDeps } from "./scheduler.js";

export interface SchedulesDeps extends Omit<SchedulerDeps, "accepts" | "clock"> {
  readonly ticks: Ticks;
  readonly clock: Clock;
}

/** The cluster's schedules, which only the head follows. */
export interface Schedules {
  /** Begins. Call once. */
  start(): void;
  /** Ends the ticks, and waits for the look in progress. */
  stop(): Promise<void>;
  /** See Scheduler. */
  nextSlot: Scheduler["nextSlot"];
}

/** Without a tick, as of a process that was stopped, it looks all the same. */
const LONGEST_PAUSE_MS = 5_000;

/** Makes them; they do nothing before `start`. */
export function createSchedules(deps: SchedulesDeps): Schedules {
  const { ticks, clock, log } = deps;
  const scheduler = createScheduler({ ...deps, accepts: ticks.accepts });
  const loop = createLoop({
    async step() {
      await scheduler.look();
      return LONGEST_PAUSE_MS;
    },
    retryMs: LONGEST_PAUSE_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "schedules: trying again"),
    clock,
  });
  let endTicks: () => void = () => undefined;
  return {
    start() {
      endTicks = ticks.start(loop.wake);
      void loop.start();
    },
    stop() {
      endTicks();
      return loop.stop();
    },
    nextSlot: scheduler.nextSlot,
  };
}
