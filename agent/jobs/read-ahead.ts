import type { QueuedJob } from "../contract/job-problems.js";
import type { JobItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";
import type { JobRegistry } from "./ports.js";

/**
 * The job that waits behind the one that runs, read and got ready while that runs: so its launch can be planned with its claim, as that of a
 * job that finds the queue empty. Which job is next is still what the queue says then; a job that is not the one that was read is claimed
 * without a plan.
 */
export interface ReadAhead {
  /** A job of `queue` has been taken: the oldest that waits there is likely to be next. */
  expect(queue: readonly QueuedJob[], takenId: string): void;
  /** Reads it and gets it ready, where that has not begun and the job that was taken has had time to start: call it while there is nothing else to do. */
  begin(): void;
  /** All of `next`, where it is what was read and still waits as it did; null: it is not. Once. */
  take(next: QueuedJob): Promise<JobItem | null>;
}

/** Ranks that start take all processors, and what can wait is not to slow them. */
const START_MS = 400;

/** `beginLaunch`: see LaunchesAhead.beginEarly. */
export function createReadAhead(
  registry: Pick<JobRegistry, "read">,
  beginLaunch: (job: JobItem) => void,
  clock: Pick<Clock, "monotonicMs">,
): ReadAhead {
  let expectedId: string | null = null;
  let sinceMs = 0;
  let early: Promise<JobItem | null> | null = null;

  async function getReady(id: string): Promise<JobItem | null> {
    const job = await registry.read(id);
    if (job !== null && expectedId === id) beginLaunch(job);
    return job;
  }

  return {
    expect(queue, takenId) {
      expectedId = queue.find(({ id, status }) => id !== takenId && status === "NEW")?.id ?? null;
      early = null;
      sinceMs = clock.monotonicMs();
    },
    begin() {
      if (expectedId === null || clock.monotonicMs() - sinceMs < START_MS) return;
      // What can't be read as a job is set aside by its claim.
      early ??= getReady(expectedId).catch(() => null);
    },
    async take(next) {
      const isExpected = next.id === expectedId && next.status === "NEW" && !next.cancelRequested;
      const mine = isExpected ? early : null;
      [expectedId, early] = [null, null];
      return mine;
    },
  };
}
