import type { QueuedJob } from "../contract/job-problems.js";
import { notebookRefusal, runsBeside } from "../contract/notebook-binding.js";
import type { Because } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import type { HeadView, JobRegistry } from "./ports.js";

/** Keeps jobs waiting while notebooks have the cluster, but for the notebooks' own: see notebook-binding.ts. */
export interface NotebookGate {
  /**
   * Those of the queue that are looked at: all where no notebook has the cluster; else what runs already or is to be cancelled, the notebooks'
   * own, and those that do not wait, which are refused when they are claimed. Reads what is not known yet, a few items at a time.
   */
  admitted(jobs: readonly QueuedJob[]): Promise<readonly QueuedJob[]>;
  /** Whether a new job may be started. */
  mayRun(job: Pick<JobItem, "submittedBy">): boolean;
  /** Why a job that was claimed is not run. Null: it is. */
  refusal(job: Pick<JobItem, "phase" | "request" | "submittedBy">): Because<"cluster-busy"> | null;
}

/** Of a look. What is left waits for the next one, a second later. */
const READS_AT_ONCE = 16;

/** As many as may wait on a cluster, and those that have ended meanwhile. */
const MOST_KNOWN = 2_000;

interface GateDeps {
  readonly head: Pick<HeadView, "boundBy">;
  readonly registry: Pick<JobRegistry, "read">;
}

type Known = Pick<JobItem, "submittedBy" | "request"> | null;

export function createNotebookGate({ head, registry }: GateDeps): NotebookGate {
  /** What is known of jobs that wait, by id. Null: it can't be read, or is gone. It never changes in a job's life. */
  let known: ReadonlyMap<string, Known> = new Map();

  const isOpen = ({ status, cancelRequested }: QueuedJob) => status !== "NEW" || cancelRequested;

  async function lookAt(jobs: readonly QueuedJob[]): Promise<void> {
    const unknown = jobs.filter((job) => !isOpen(job) && !known.has(job.id)).slice(0, READS_AT_ONCE);
    const read = await Promise.all(unknown.map(async ({ id }) => [id, await factsOf(id)] as const));
    known = new Map([...(known.size > MOST_KNOWN ? [] : known), ...read]);
  }

  async function factsOf(id: string): Promise<Known> {
    const job = await registry.read(id);
    // A job's item may have been written by hand.
    return job?.request === undefined ? null : { submittedBy: job.submittedBy, request: job.request };
  }

  return {
    async admitted(jobs) {
      const notebooks = head.boundBy();
      if (notebooks.length === 0) {
        known = new Map();
        return jobs;
      }
      await lookAt(jobs);
      return jobs.filter((job) => {
        const facts = known.get(job.id) ?? null;
        if (isOpen(job)) return true;
        return facts !== null && (runsBeside(facts, notebooks) || notebookRefusal(facts, notebooks) !== null);
      });
    },
    mayRun: (job) => runsBeside(job, head.boundBy()),
    refusal: (job) => (job.phase === "queued" ? notebookRefusal(job, head.boundBy()) : null),
  };
}
