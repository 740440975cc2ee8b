import type { Clock } from "../contract/clock.js";
import type { StatusOfCluster } from "../contract/http.js";
import { isUnreadable, type QueueEntry } from "../jobs/ports.js";

type Jobs = StatusOfCluster["jobs"];

/** The queue as a status shows it, and when it was read, on the monotonic clock. */
interface SeenJobs {
  readonly jobs: Jobs;
  readonly atMs: number;
}

/** The cluster's queue, of which the last look is remembered. */
export interface QueueView {
  /** Reads the queue, as before: for the runner, which looks each second while it has no job, and seldom at rest. */
  queue(): Promise<QueueEntry[]>;
  /**
   * The last look, where it is younger than two seconds and a half; else a new one, which all callers share. Where the registry is slow
   * or down, the last look, however old. Rejects where there never was one.
   */
  jobs(): Promise<SeenJobs>;
}

/** A head without a job looks each second, so its status costs no read; at rest a status that is wanted costs one. */
const FRESH_MS = 2_500;
/** How long a status waits for a new look while it has an old one. */
const PATIENCE_MS = 500;
/** How many unreadable items are named. */
const MAX_UNREADABLE = 20;

export function createQueueView(
  readQueue: () => Promise<QueueEntry[]>,
  clock: Pick<Clock, "monotonicMs" | "sleep">,
): QueueView {
  let last: SeenJobs | null = null;
  let reading: Promise<SeenJobs> | null = null;

  async function queue(): Promise<QueueEntry[]> {
    const atMs = clock.monotonicMs();
    const entries = await readQueue();
    last = { jobs: jobsOf(entries), atMs };
    return entries;
  }

  async function look(): Promise<SeenJobs> {
    const atMs = clock.monotonicMs();
    return { jobs: jobsOf(await queue()), atMs };
  }

  return {
    queue,
    async jobs() {
      if (last !== null && clock.monotonicMs() - last.atMs < FRESH_MS) return last;
      reading ??= look().finally(() => {
        reading = null;
      });
      if (last === null) return reading;
      const old = last;
      const patience = new AbortController();
      const late = clock.sleep(PATIENCE_MS, patience.signal).then(() => old);
      return Promise.race([reading.catch(() => old), late]).finally(() => patience.abort());
    },
  };
}

/** What a status says of the queue. Pure. */
function jobsOf(queue: readonly QueueEntry[]): Jobs {
  const jobs = queue.flatMap((entry) => (isUnreadable(entry) ? [] : [entry]));
  const unreadable = queue.filter(isUnreadable).slice(0, MAX_UNREADABLE);
  return {
    running: jobs.find(({ status }) => status === "INPROGRESS")?.id ?? null,
    queued: jobs.filter(({ status }) => status === "NEW").length,
    unreadable: unreadable.map(({ key, problem }) => ({ key: key.slice(0, 100), problem })),
  };
}
