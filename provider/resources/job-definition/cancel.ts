import { isJobEnded } from "../../../agent/contract/job-state.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { failure } from "../../core/diagnostic.js";
import type { JobContext } from "./context.js";
import { closedBecause } from "./decide.js";
import { type JobName, renderCluster } from "./diagnosis.js";
import { watchHead } from "./head.js";

const LOOK_EVERY_MS = 1000;
const REASON = "cancelled: its definition was destroyed";

/** Whose runs are ended. */
interface Cancelled extends JobName {
  /** The id of a definition whose runs are not ours; null: all are. */
  readonly spared: string | null;
}

/**
 * Ends every run of the job: one that waits at once, one that runs as soon as the head has done it; waits for that, but
 * not where there is no head that could. May run again at any point; runs that have ended are left as they are.
 */
export async function applyCancel(job: Cancelled, timeoutMs: number, context: JobContext): Promise<void> {
  const { client, clock } = context;
  const runs = await client.jobs.list(job.clusterUuid);
  const pending = runs.filter(
    ({ definition, status }) =>
      definition?.name === job.name && definition.id !== job.spared && !isJobEnded(status),
  );
  const asked: JobItem[] = [];
  for (const run of pending) {
    if (await client.jobs.cancelQueued(run, REASON, clock.now())) continue;
    if (await client.jobs.requestCancel(run)) asked.push(run);
  }
  if (asked.length > 0) await awaitEnds(job, asked, timeoutMs, context);
}

async function awaitEnds(
  { clusterUuid, name }: JobName,
  asked: readonly JobItem[],
  timeoutMs: number,
  { client, clock, poll, warn }: JobContext,
): Promise<void> {
  const isHeadAlive = watchHead();
  let left = asked;
  let cluster: ClusterItem | null = null;
  const look = async () => {
    const now = await Promise.all(left.map(({ id }) => client.jobs.read(clusterUuid, id)));
    left = now.filter((run) => run !== null && !isJobEnded(run.status)) as readonly JobItem[];
    if (left.length === 0) return { done: true, value: "ended" } as const;
    cluster = await client.registry.readCluster(clusterUuid);
    const lease = await client.registry.readLease(clusterUuid);
    const isHopeless = closedBecause(cluster) !== null || !isHeadAlive(lease, clock.monotonicMs());
    if (isHopeless) return { done: true, value: "abandoned" } as const;
    return { done: false, progress: left.map(({ id, phase }) => `${id} ${phase}`).join(", ") } as const;
  };
  const listed = () => left.map(({ id, status, phase }) => `${id} (${status}, ${phase})`).join(", ");
  const what = `the runs of job ${name} to be cancelled`;
  const end = await poll(what, look, { everyMs: LOOK_EVERY_MS, timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw failure(
      `Job ${name} of cluster ${clusterUuid} still runs`,
      `${error.message} Asked to end: ${listed()}. Cluster: ${renderCluster(cluster)}. Destroy again to go on waiting; a longer timeouts.delete helps where a large log is being delivered.`,
    );
  });
  if (end === "ended") return;
  warn(
    `Job ${name} was destroyed while nobody could end its run`,
    `Cluster ${clusterUuid} has no living head node: ${renderCluster(cluster)}. Left in its registry, marked to be cancelled should a node come back: ${listed()}.`,
  );
}
