import { QUEUE_ATTRIBUTES, type QueuedJob } from "../contract/job-problems.js";
import type { JobItem } from "../contract/registry.js";
import type { JobRegistry } from "./ports.js";

/**
 * Word that a job has been submitted or is to be cancelled, so that the head looks now and not at its next poll. It is only a
 * hint: a nudge that is lost or made up changes when the head looks, and nothing else.
 */
export interface Nudge {
  /** Null: of several, or it is not known of which. */
  readonly jobId: string | null;
  /** The job as this cluster's agent has just put it into the queue: it need not be read before it is claimed. */
  readonly queued?: QueuedJob;
}

const OF_ANY: Nudge = { jobId: null };

/** Two nudges as one. Pure. */
export const mergeNudges = (first: Nudge, second: Nudge): Nudge =>
  first.jobId === second.jobId ? first : OF_ANY;

/** The nudge of a job that has just been submitted. Pure. */
export const nudgeOf = (job: JobItem): Nudge => ({ jobId: job.id, queued: asQueued(job) });

/** What the queue shows of a job. Pure. */
const asQueued = (job: JobItem): QueuedJob =>
  Object.fromEntries(
    Object.entries(job).filter(([name]) => QUEUE_ATTRIBUTES.includes(name)),
  ) as unknown as QueuedJob;

/**
 * What the head knows of the queue without reading it. The queue's index lags behind by moments, and a query is a round trip: a
 * job that a nudge names is taken by its key, but only where the last look found the queue empty, so that it overtakes
 * no older job that the head had seen.
 */
export interface QueueHints {
  /** Takes a nudge in. */
  note(nudge: Nudge): void;
  /** What a look at the queue has found, under this generation. */
  looked(generation: number, isEmpty: boolean): void;
  /** This head has ended the job, which the index may still show as running. */
  ended(job: Ended): void;
  /** False for an entry that is only the index's memory of such a job. */
  mayBeThere(entry: QueuedJob): boolean;
  /** The job that a nudge was about, as far as it may be the next; null: look at the queue. Each nudge serves once. */
  take(generation: number): Promise<HintedJob | null>;
  /** Whether the queue was empty at the last look, and nothing was heard of since. */
  isEmpty(generation: number): boolean;
  /** A job has been started without a look at the queue: what was known of it is old once that job ends. */
  started(): void;
}

/** `job`: all of it, where it was read. */
interface HintedJob {
  readonly entry: QueuedJob;
  readonly job: JobItem | null;
}

/** More than end in the moments that the index lags behind. */
const MOST_ENDED = 16;

type Ended = Pick<JobItem, "id" | "leaseGeneration">;

export function createQueueHints(registry: Pick<JobRegistry, "read">): QueueHints {
  let noted: Nudge | null = null;
  let emptyFor: number | null = null;
  /** The last of them, the newest last. */
  const lately: Ended[] = [];
  return {
    note(nudge) {
      noted = noted === null ? nudge : mergeNudges(noted, nudge);
    },
    looked(generation, isEmpty) {
      emptyFor = isEmpty ? generation : null;
    },
    ended({ id, leaseGeneration }) {
      lately.push({ id, leaseGeneration });
      if (lately.length > MOST_ENDED) lately.shift();
    },
    mayBeThere: ({ id, status, leaseGeneration }) =>
      status !== "INPROGRESS" ||
      !lately.some((ended) => ended.id === id && ended.leaseGeneration === leaseGeneration),
    async take(generation) {
      const nudge = noted;
      const wasEmpty = emptyFor === generation;
      noted = null;
      emptyFor = null;
      if (nudge === null || nudge.jobId === null || !wasEmpty) return null;
      if (nudge.queued !== undefined) return { entry: nudge.queued, job: null };
      // What can't be read as a job is set aside by a look at the queue.
      const item = await registry.read(nudge.jobId).catch(() => null);
      return item === null ? null : { entry: asQueued(item), job: item };
    },
    isEmpty: (generation) => emptyFor === generation && noted === null,
    started() {
      emptyFor = null;
    },
  };
}
