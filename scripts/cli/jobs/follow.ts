import { renderLog } from "../../../agent/contract/job.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { describeWait, type QueueAhead, queueAhead, withMissing } from "../../../agent/contract/job-wait.js";
import { NoSuchJobError, TransientError } from "../core/exit.js";
import { type Output, showWait } from "../core/output.js";
import type { Access, JobState } from "../core/ports.js";
import type { World } from "../core/world.js";

/** What waiting for a job needs. */
export interface FollowDeps extends Pick<World, "sleep">, Pick<Output, "waits"> {
  readonly access: Pick<Access, "clusters" | "jobs">;
  /** Called at each look, with the job as it is then; it is waited for. */
  readonly onLook?: (job: JobState) => Promise<void>;
  /** Called with what the job waits for, where `waits` is not there: at the start and at each change. */
  readonly say: (line: string) => void;
  /** Its reason is thrown when it aborts. */
  readonly signal: AbortSignal;
}

/** A job's cluster and id. */
export interface JobReference {
  readonly clusterUuid: string;
  readonly jobId: string;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const PAUSE_GROWTH = 1.2;
/** While its output is shown. */
const OUTPUT_PAUSE_MS = 1_000;
/** How long to wait for an ended job's log. The agents keep trying to upload it even after that. */
const LOG_WAIT_MS = 60_000;
/** The cluster and its queue are read at this interval, and whenever the job itself has changed. */
const LOOKS_PER_CLUSTER_LOOK = 4;

/**
 * Waits until the job has ended, however long that takes, and then at most a minute for its log. A transient failure of an AWS
 * call does not end the wait. Throws if the job's item is gone.
 */
export async function followJob(reference: JobReference, deps: FollowDeps): Promise<JobState> {
  const { signal, sleep } = deps;
  const describe = describer(deps.access);
  const tell = showWait(deps);
  let pauseMs = FIRST_PAUSE_MS;
  let logWaitMs = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const job = await deps.access.jobs.observe(reference.clusterUuid, reference.jobId);
      if (job === null) throw itemGone(reference);
      await deps.onLook?.(job);
      if (isJobEnded(job.status)) {
        if (job.logState !== "pending" || logWaitMs >= LOG_WAIT_MS) return job;
        logWaitMs += pauseMs;
        tell(`job ${job.id}: ${job.status}; its log is ${renderLog(job)}`);
      } else tell(`job ${job.id}: ${await describe(job)}`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      tell(`can't read the job at the moment: ${error.message}`);
    }
    await sleep(pauseMs, signal);
    const longestMs = deps.onLook === undefined ? LONGEST_PAUSE_MS : OUTPUT_PAUSE_MS;
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, longestMs);
  }
}

/** What the job waits for, in words. The cluster is looked at now and then only: its nodes may be many, and so may a queue. */
function describer({ clusters, jobs }: FollowDeps["access"]): (job: JobState) => Promise<string> {
  let looksLeft = 0;
  let last: { readonly state: string; readonly describe: (job: JobState) => string } | null = null;
  return async (job) => {
    const state = `${job.status} ${job.phase}`;
    looksLeft -= 1;
    if (last === null || last.state !== state || looksLeft <= 0) {
      const item = await clusters.read(job.clusterUuid);
      const cluster = item === null ? null : await withMissing(item, clusters.nodes);
      const ahead: QueueAhead | null =
        job.status === "NEW" ? queueAhead(await jobs.queue(job.clusterUuid), job) : null;
      last = { state, describe: (now) => describeWait(now, cluster, ahead) };
      looksLeft = LOOKS_PER_CLUSTER_LOOK;
    }
    return last.describe(job);
  };
}

const itemGone = ({ jobId, clusterUuid }: JobReference): Error =>
  new NoSuchJobError(
    `Job ${jobId} is not in the registry of cluster ${clusterUuid}: is its id right, or was the cluster removed?`,
  );
