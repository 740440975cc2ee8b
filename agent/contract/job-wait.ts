import { isWorker } from "./node-kind.js";
import { isUsable } from "./node-state.js";
import type { ObservedCluster } from "./nodes.js";
import { type BindableCluster, bindingNotebooks, nameNotebooks, runsBeside } from "./notebook-binding.js";
import type { ClusterItem, JobItem, NodeSummary } from "./registry.js";

/** The part of a cluster that says whether it can run a job. */
export type ClusterHealth = Pick<
  ObservedCluster,
  "name" | "clusterStatus" | "phase" | "reason" | "desiredNodes" | "nodes" | "hostfileNodes"
> &
  BindableCluster;

/** The jobs before a job in its cluster's queue. */
export interface QueueAhead {
  /** The id of the running job; null: none runs. */
  readonly running: string | null;
  /** Jobs that wait and were submitted earlier. */
  readonly waiting: number;
}

/** The jobs before `job` among its cluster's jobs; ended jobs do not count. */
export function queueAhead(
  jobs: readonly Pick<JobItem, "id" | "status" | "submittedAt">[],
  job: Pick<JobItem, "id" | "submittedAt">,
): QueueAhead {
  const others = jobs.filter(({ id }) => id !== job.id);
  return {
    running: others.find(({ status }) => status === "INPROGRESS")?.id ?? null,
    waiting: others.filter((other) => other.status === "NEW" && isBefore(other, job)).length,
  };
}

type Place = Pick<JobItem, "id" | "submittedAt">;
/** Whether `a` was submitted before `b`; of two of the same moment, one is before the other. Pure. */
export const isBefore = (a: Place, b: Place): boolean => placeText(a) < placeText(b);

/** Times of one form sort as texts. */
const placeText = ({ submittedAt, id }: Place): string => `${submittedAt} ${id}`;

/** Whether a job gets all nodes that are wanted: then the missing ones need not be read. */
const isWhole = ({
  hostfileNodes,
  desiredNodes,
}: Pick<ClusterItem, "hostfileNodes" | "desiredNodes">): boolean => hostfileNodes >= desiredNodes;

/** The cluster with its nodes, which are read only where some are missing: else nothing is said of them. */
export async function withMissing(
  cluster: ClusterItem,
  readNodes: (cluster: ClusterItem) => Promise<readonly NodeSummary[]>,
): Promise<ObservedCluster> {
  return { ...cluster, nodes: isWhole(cluster) ? [] : await readNodes(cluster) };
}

/** More nodes than this are counted, not named. */
const NAMED_NODES = 5;

/**
 * "2 of 6 nodes are ready: i-1 (10.0.0.1) is unready, failing shared-folder; 3 have not registered"; null where as many as
 * are wanted are in the hostfile, which is what a job gets. Not for terminals as it is: reasons are others' text (visibleLine).
 */
export function missingNodes({
  nodes,
  desiredNodes,
  hostfileNodes,
}: Pick<ClusterHealth, "nodes" | "desiredNodes" | "hostfileNodes">): string | null {
  if (isWhole({ hostfileNodes, desiredNodes })) return null;
  const workers = nodes.filter(isWorker);
  const others = workers.filter((node) => !isUsable(node));
  const unregistered = desiredNodes - workers.length;
  const parts = [
    ...others.slice(0, NAMED_NODES).map(describeNode),
    ...(others.length > NAMED_NODES ? [`${others.length - NAMED_NODES} more are not ready`] : []),
    ...(unregistered > 0 ? [`${unregistered} ${unregistered === 1 ? "has" : "have"} not registered`] : []),
  ];
  return `${hostfileNodes} of ${desiredNodes} nodes are ready${parts.length === 0 ? "" : `: ${parts.join("; ")}`}`;
}

function describeNode({ id, address, state, failingProbes }: NodeSummary): string {
  const failing = failingProbes.length === 0 ? "" : `, failing ${failingProbes.join(", ")}`;
  return `${id} (${address}) is ${state}${failing}`;
}

/** "cluster alpha is degraded: 2 of 6 nodes are ready: ..." where a job would get fewer nodes than wanted; else null. */
export function degradation(cluster: ClusterHealth): string | null {
  if (cluster.hostfileNodes === 0) return null;
  const missing = missingNodes(cluster);
  return missing === null ? null : `cluster ${cluster.name} is degraded: ${missing}`;
}

/**
 * What a job that has not ended waits for, in a line without an end: its phase while it runs, else the nodes, the notebook that has
 * the cluster, the job or the jobs before it. `ahead` null: not known.
 */
export function describeWait(
  job: Pick<JobItem, "status" | "phase" | "ranks" | "cancelRequested" | "retryAt"> &
    Partial<Pick<JobItem, "submittedBy">>,
  cluster: ClusterHealth | null,
  ahead: QueueAhead | null,
): string {
  const state = `${job.status}, ${job.phase}`;
  if (cluster === null) return `${state}: its cluster is not in the registry`;
  if (job.status !== "NEW") {
    return `${state}${progress(job)}${job.cancelRequested ? "; a cancel was requested" : ""}${degraded(cluster)}`;
  }
  if (cluster.hostfileNodes === 0) return `${state}: waits for nodes; ${withoutNodes(cluster)}`;
  const notebooks = bindingNotebooks(cluster);
  const kept = runsBeside(job, notebooks) ? [] : notebooks;
  return `${state}${behind(ahead, kept)}${degraded(cluster)}`;
}

function progress({ phase, ranks, retryAt }: Pick<JobItem, "phase" | "ranks" | "retryAt">): string {
  if (phase === "retrying") return retryAt === null ? "" : `: the next attempt begins at ${retryAt}`;
  if (phase === "delivering") return ": the rest of its output goes to the log bucket";
  return ranks === null ? "" : ` with ${ranks} ranks`;
}

const degraded = (cluster: ClusterHealth): string => {
  const text = degradation(cluster);
  return text === null ? "" : `; ${text}`;
};

function withoutNodes(cluster: ClusterHealth): string {
  const { name, clusterStatus, phase, reason, desiredNodes } = cluster;
  const why = reason === null ? "" : `: ${reason}`;
  if (clusterStatus === "PARKED" && phase !== "no-nodes")
    return `cluster ${name} is ${clusterStatus}, ${phase}${why}; it gets nodes when it is resumed`;
  const wanted =
    desiredNodes === 0
      ? "no nodes are requested (muster_fleet sets the number)"
      : (missingNodes(cluster) ?? "no node is in the hostfile");
  return `cluster ${name} is ${clusterStatus}, ${phase}${why}; ${wanted}`;
}

/** `notebooks`: those that keep the job from running. */
function behind(ahead: QueueAhead | null, notebooks: readonly string[]): string {
  const has = notebooks.length === 1 ? "has" : "have";
  const kept =
    notebooks.length === 0
      ? []
      : [`${nameNotebooks(notebooks)}, which ${has} the cluster (${howToGetItBack(notebooks)})`];
  if (ahead === null) return `: waits in the queue${kept.map((text) => ` for ${text}`).join("")}`;
  const { running, waiting } = ahead;
  const first = running === null ? [] : [`job ${running}, which runs`];
  const others = waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? "job" : "jobs"} submitted earlier`];
  const before = [...kept, ...first, ...others].join(" and ");
  if (before === "") return ": is next: waits for the head node to start it";
  return `, position ${waiting + 1}: waits for ${before}`;
}

const howToGetItBack = ([name = "NAME", ...others]: readonly string[]): string =>
  `next: muster notebook stop ${others.length === 0 ? name : "NAME"}, or shareWithNotebooks: true at the cluster`;
