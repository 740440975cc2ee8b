import { busyWith } from "../contract/job-admission.js";
import type { QueuedJob } from "../contract/job-problems.js";
import type { Because } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";

/** By how much the clocks of a submitter and of the head may differ. */
const CLOCK_SLACK_MS = 60_000;

/** The head's part of `ifBusy: refuse`: a job that does not wait is not run after it has waited for another. */
export interface BusyRule {
  /** Call with the queue as it was when the job in it was started. */
  started(jobId: string, queue: readonly QueuedJob[]): void;
  /** Call when that job is over. */
  ended(jobId: string): void;
  /** Why a job that was claimed is not run; null: it is. */
  refusal(job: Pick<JobItem, "id" | "phase" | "submittedAt" | "request">): Because<"cluster-busy"> | null;
}

/**
 * Submitters check the queue before and after they put a job (job-admission.ts), and what they read may lag behind by moments. So the
 * head refuses too: what was in the queue when another job was started, and what had been there for long when another one ended.
 */
export function createBusyRule(clock: Pick<Clock, "now">): BusyRule {
  /** The jobs that waited behind the one that was started last. */
  let behind: { readonly first: string; readonly ids: ReadonlySet<string> } | null = null;
  let last: { readonly id: string; readonly endedAtMs: number } | null = null;
  return {
    started(jobId, queue) {
      const waiting = queue.filter(({ id, status }) => id !== jobId && status === "NEW");
      behind = { first: jobId, ids: new Set(waiting.map(({ id }) => id)) };
    },
    ended(jobId) {
      last = { id: jobId, endedAtMs: clock.now().getTime() };
    },
    refusal({ id, phase, submittedAt, request }) {
      // One that is on its way already is adopted.
      if (request.ifBusy !== "refuse" || phase !== "queued") return null;
      if (behind?.ids.has(id)) return busyWith({ id: behind.first, status: "INPROGRESS" });
      const hasWaited = last !== null && Date.parse(submittedAt) + CLOCK_SLACK_MS < last.endedAtMs;
      return hasWaited && last !== null ? busyWith({ id: last.id, status: "INPROGRESS" }) : null;
    },
  };
}
