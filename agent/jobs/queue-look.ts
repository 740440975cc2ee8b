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
   * Throws when the registry does not answer.
   */
  read(generation: number, finishing: () => readonly string[]): Promise<readonly QueuedJob[]>;
  /** A job that looks like one in the queue has turned out to be none when it was claimed. */
  spoil(jobId: string, found: UnreadableJob): void;
  /** There is word of a job: the queue may not be empty any more. */
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
  /** Since when each look has found the queue empty, and nothing was heard of a job; null: not so. */
  let emptySinceMs: number | null = null;

  return {
    async read(generation, finishing) {
      const queue = (await registry.queue()).map((entry) =>
        isUnreadable(entry) ? entry : (spoilt.get(entry.id) ?? entry),
      );
      await aside.apply(queue.filter(isUnreadable), generation);
      const mine = finishing();
      const others = queue.filter((entry) => isUnreadable(entry) || !mine.includes(entry.id));
      const jobs = others.flatMap((entry) => (isUnreadable(entry) ? [] : [entry]));
      looked = { generation, waiting: jobs.length, atMs: clock.monotonicMs() };
      hints.looked(generation, others.length === 0);
      emptySinceMs = others.length === 0 ? (emptySinceMs ?? clock.monotonicMs()) : null;
      return jobs;
    },
    spoil(jobId, found) {
      if (spoilt.size >= MAX_SPOILT) spoilt.clear();
      spoilt.set(jobId, found);
    },
    heard() {
      emptySinceMs = null;
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
