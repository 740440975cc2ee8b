import type { Logger } from "pino";
import type { QueuedJob } from "../contract/job-problems.js";
import type { JobsSeen } from "../idle/sources.js";
import type { Clock } from "../time/clock.js";
import { REST_AFTER_MS } from "../time/resting.js";
import type { QueueHints } from "./nudge.js";
import { isUnreadable, type JobRegistry, type UnreadableJob } from "./ports.js";
import { createSetAside } from "./set-aside.js";

/** A head's looks at the queue, and what it has seen there. */
export interface QueueLook {
  /**
   * The jobs in the queue, oldest first, but for those that this head brings to their ends, by their ids; what can't be read is set aside.
   * What is left of a look some seconds ago counts in the place of a new one, or each of many short jobs would wait for its own: which job
   * may start is what its claim says. Throws when the registry does not answer.
   */
  read(generation: number, finishing: () => readonly string[]): Promise<readonly QueuedJob[]>;
  /** A job that looks like one in the queue has turned out to be none when it was claimed. */
  spoil(jobId: string, found: UnreadableJob): void;
  /** A job of the queue is claimed, and does not wait any more. */
  taken(jobId: string): void;
  /** A job of the last look can't be claimed: it is another's, or gone. Gives how long the next look, at the queue itself, may wait. */
  lost(): number;
  /** There is word of a job: the queue is not what the last look found. */
  heard(): void;
  /** How long the next look may wait. */
  pauseMs(): number;
  /** What the last look of this generation has found; as long as there was none, nothing waits. */
  seen(generation: number | null): Pick<JobsSeen, "waiting" | "lookedMsAgo">;
}

const IDLE_MS = 1_000;
/** After a look at the queue of a cluster at rest: most jobs come with a nudge. */
const QUEUE_REST_MS = 5_000;
const MAX_SPOILT = 1_000;
/** How long a look counts. A job that comes later, or is cancelled, is heard of at once, unless the word is lost. */
const REMEMBERED_MS = 5_000;

/** Jobs that no head has begun and that are not to be cancelled may be taken from memory. Pure. */
const areAllWaiting = (jobs: readonly QueuedJob[]): boolean =>
  jobs.every(({ status, cancelRequested }) => status === "NEW" && !cancelRequested);

export function createQueueLook({
  registry,
  hints,
  clock,
  log,
}: {
  readonly registry: Pick<JobRegistry, "queue" | "setAside">;
  readonly hints: Pick<QueueHints, "looked" | "mayBeThere">;
  readonly clock: Pick<Clock, "now" | "monotonicMs">;
  readonly log: Logger;
}): QueueLook {
  const spoilt = new Map<string, UnreadableJob>();
  const aside = createSetAside(registry, clock, log);
  let looked: { readonly generation: number; readonly waiting: number; readonly atMs: number } | null = null;
  let remembered: readonly QueuedJob[] = [];
  let isFromMemory = false;
  /** Since when each look has found the queue empty, and nothing was heard of a job; null: not so. */
  let emptySinceMs: number | null = null;

  const forget = () => {
    remembered = [];
  };

  /** What is left of the last look, if it was of this generation and is not too old. */
  function recall(generation: number): readonly QueuedJob[] {
    if (looked?.generation !== generation || clock.monotonicMs() - looked.atMs >= REMEMBERED_MS) forget();
    return remembered;
  }

  return {
    async read(generation, finishing) {
      isFromMemory = recall(generation).length > 0;
      if (isFromMemory) return remembered;
      const queue = (await registry.queue()).map((entry) =>
        isUnreadable(entry) ? entry : (spoilt.get(entry.id) ?? entry),
      );
      await aside.apply(queue.filter(isUnreadable), generation);
      const mine = finishing();
      const others = queue.filter((entry) => isUnreadable(entry) || !mine.includes(entry.id));
      const jobs = others.flatMap((entry) => (isUnreadable(entry) ? [] : [entry]));
      looked = { generation, waiting: jobs.length, atMs: clock.monotonicMs() };
      remembered = areAllWaiting(jobs) ? jobs : [];
      hints.looked(generation, others.length === 0);
      emptySinceMs = others.length === 0 ? (emptySinceMs ?? clock.monotonicMs()) : null;
      return jobs;
    },
    spoil(jobId, found) {
      if (spoilt.size >= MAX_SPOILT) spoilt.clear();
      spoilt.set(jobId, found);
      forget();
    },
    taken(jobId) {
      remembered = remembered.filter(({ id }) => id !== jobId);
    },
    lost() {
      forget();
      return isFromMemory ? 0 : IDLE_MS;
    },
    heard() {
      emptySinceMs = null;
      forget();
    },
    pauseMs() {
      const restsAtMs = (emptySinceMs ?? Number.POSITIVE_INFINITY) + REST_AFTER_MS;
      return clock.monotonicMs() >= restsAtMs ? QUEUE_REST_MS : IDLE_MS;
    },
    seen(generation) {
      if (looked === null || looked.generation !== generation) return { waiting: 0, lookedMsAgo: null };
      return { waiting: looked.waiting, lookedMsAgo: clock.monotonicMs() - looked.atMs };
    },
  };
}
