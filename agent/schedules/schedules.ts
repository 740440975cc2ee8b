import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import { NOT_HEAD_MS } from "../time/resting.js";
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
  /** This node has become head. Cheap. */
  wake(): void;
  /** See Scheduler. */
  nextSlot: Scheduler["nextSlot"];
}

/**
 * Without a tick it looks all the same: as of a process that was stopped, or where there is nothing to tick for. A node that is not head
 * of a cluster with schedules has no ticks: they alone took a tenth of a percent of a core, and 15 MB.
 */
const LONGEST_PAUSE_MS = 5_000;

/** Makes them; they do nothing before `start`. */
export function createSchedules(deps: SchedulesDeps): Schedules {
  const { ticks, clock, log } = deps;
  const scheduler = createScheduler({ ...deps, accepts: ticks.accepts });
  let isStopped = false;
  let endTicks: (() => void) | null = null;
  const loop = createLoop({
    async step() {
      tickWhile(await scheduler.look());
      return deps.generation() === null ? NOT_HEAD_MS : LONGEST_PAUSE_MS;
    },
    retryMs: LONGEST_PAUSE_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "schedules: trying again"),
    clock,
  });

  function tickWhile(isWanted: boolean): void {
    if (!isWanted) {
      endTicks?.();
      endTicks = null;
    } else if (!isStopped) {
      endTicks ??= ticks.start(loop.wake);
    }
  }

  return {
    start: () => void loop.start(),
    stop() {
      isStopped = true;
      tickWhile(false);
      return loop.stop();
    },
    wake: loop.wake,
    nextSlot: scheduler.nextSlot,
  };
}
