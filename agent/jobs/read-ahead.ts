import type { QueuedJob } from "../contract/job-problems.js";
import type { JobItem } from "../contract/registry.js";
import type { JobRegistry } from "./ports.js";

/**
 * The job that waits behind the one that runs, read while that runs: so its launch can be planned with its claim, as that of a job that
 * finds the queue empty. Which job is next is still what the queue says then; a job that is not the one that was read is claimed without
 * a plan.
 */
export interface ReadAhead {
  /** A job of `queue` has been taken: the oldest that waits there is likely to be next. */
  expect(queue: readonly QueuedJob[], takenId: string): void;
  /** Reads it, where that has not begun: call it while there is nothing else to do. */
  begin(): void;
  /** All of `next`, where it is what was read and still waits as it did; null: it is not. Once. */
  take(next: QueuedJob): Promise<JobItem | null>;
}

export function createReadAhead(registry: Pick<JobRegistry, "read">): ReadAhead {
  let expectedId: string | null = null;
  let reading: Promise<JobItem | null> | null = null;
  return {
    expect(queue, takenId) {
      expectedId = queue.find(({ id, status }) => id !== takenId && status === "NEW")?.id ?? null;
      reading = null;
    },
    begin() {
      if (expectedId === null) return;
      // What can't be read as a job is set aside by its claim.
      reading ??= registry.read(expectedId).catch(() => null);
    },
    async take(next) {
      const isExpected = next.id === expectedId && next.status === "NEW" && !next.cancelRequested;
      const mine = isExpected ? reading : null;
      [expectedId, reading] = [null, null];
      return mine;
    },
  };
}
