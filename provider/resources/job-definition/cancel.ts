import { isJobEnded } from "../../../agent/contract/job-state.js";
import { because } from "../../../agent/contract/reasons.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { failure } from "../../core/diagnostic.js";
import type { JobDefinitionContext } from "./context.js";
import { closedBecause } from "./decide.js";
import { type DefinitionName, describeCluster, reasonCodeOf } from "./diagnosis.js";
import { watchHead } from "./head.js";

const LOOK_EVERY_MS = 1000;
const WHY = because("cancelled-with-definition", "cancelled: its definition was destroyed");

/** The definition whose jobs are ended. */
interface Cancelled extends DefinitionName {
  /** The id of a definition of that name whose jobs are not ours; null: all are. */
  readonly spared: string | null;
}

/**
 * Cancels every job of the definition: one that waits at once, one that runs as soon as the head has done it; waits for
 * that, but not where there is no head that could. May run again at any point; jobs that have ended are left as they are.
 */
export async function applyCancel(
  definition: Cancelled,
  timeoutMs: number,
  context: JobDefinitionContext,
): Promise<void> {
  const { client, clock } = context;
  const { clusterUuid, name, spared } = definition;
  const jobs = await client.jobs.list(clusterUuid);
  const pending = jobs.filter(
    ({ definition: of, status }) => of?.name === name && of.id !== spared && !isJobEnded(status),
  );
  const asked: Pick<JobItem, "id" | "status" | "phase">[] = [];
  for (const job of pending) {
    if (await client.jobs.cancelQueued(job, WHY, clock.now())) continue;
    if (await client.jobs.requestCancel(job)) asked.push(job);
  }
  if (asked.length > 0) await awaitEnds(definition, asked, timeoutMs, context);
}

async function awaitEnds(
  { clusterUuid, name }: DefinitionName,
  asked: readonly Pick<JobItem, "id" | "status" | "phase">[],
  timeoutMs: number,
  { client, clock, poll, warn }: JobDefinitionContext,
): Promise<void> {
  const isHeadAlive = watchHead();
  let left = asked;
  let cluster: ClusterItem | null = null;
  const look = async () => {
    const now = await Promise.all(left.map(({ id }) => client.jobs.read(clusterUuid, id)));
    left = now.filter((job) => job !== null && !isJobEnded(job.status)) as readonly JobItem[];
    if (left.length === 0) return { done: true, value: "ended" } as const;
    cluster = await client.registry.readCluster(clusterUuid);
    const lease = await client.registry.readLease(clusterUuid);
    const isHopeless = closedBecause(cluster) !== null || !isHeadAlive(lease, clock.monotonicMs());
    if (isHopeless) return { done: true, value: "abandoned" } as const;
    return { done: false, progress: left.map(({ id, phase }) => `${id} ${phase}`).join(", ") } as const;
  };
  const listed = () => left.map(({ id, status, phase }) => `${id} (${status}, ${phase})`).join(", ");
  const what = `the jobs of definition ${name} to be cancelled`;
  const end = await poll(what, look, { everyMs: LOOK_EVERY_MS, timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw failure(
      "job-not-cancelled",
      `A job of definition ${name} of cluster ${clusterUuid} still runs`,
      `${error.message} Asked to end: ${listed()}. Cluster: ${describeCluster(cluster)}. Destroy again to go on waiting; a longer timeouts.delete helps where a large log is being delivered.`,
    );
  });
  if (end === "ended") return;
  warn({
    ...{ code: "job-abandoned", reasonCode: reasonCodeOf(cluster) },
    summary: `Job definition ${name} was destroyed while no head node could end its job`,
    detail: `Cluster ${clusterUuid} has no living head node: ${describeCluster(cluster)}. Left in its registry, marked to be cancelled should a node come back: ${listed()}.`,
  });
}
