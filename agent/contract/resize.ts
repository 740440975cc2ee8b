import { isClosed } from "./cluster-state.js";
import type { ClusterControl } from "./park.js";
import type { ClusterItem } from "./registry.js";

/** What a resize needs. */
export interface ResizeControl extends ClusterControl {
  /** The ids of the jobs that a head has begun and that have not ended: a consistent read. */
  runningJobs(): Promise<readonly string[]>;
  /** Sets how many instances the group is to have, and at most. May run twice. */
  resizeGroup(group: string, instances: number): Promise<void>;
}

/** Whether the head is to end the nodes that are too many. Pure. */
export const isShrinking = ({
  clusterStatus,
  phase,
  desiredNodes,
  shrinksFrom,
}: Pick<ClusterItem, "clusterStatus" | "phase" | "desiredNodes" | "shrinksFrom">): boolean =>
  shrinksFrom !== undefined &&
  desiredNodes > 0 &&
  clusterStatus === "INPROGRESS" &&
  phase === "waiting-for-nodes";

/** How long a head may take to see that another number of nodes is wanted, before the group is changed without it. */
const UNSEEN_MS = 30_000;
/** How long nothing may change where no job runs: so long a head that has seen it may be refused by Auto Scaling, or be too old to do it. */
const STUCK_MS = 60_000;
/** A job may begin just as its head learns of the resize: so one look without a job is not enough. */
const QUIET_LOOKS = 2;
const NAMED_JOBS = 5;
/** So often may another writer come in between. */
const ROUNDS = 10;

/**
 * How far a cluster is that shrinks. `done`: its head has ended the surplus. `free`: no head does it, and no job runs, so the group may be
 * set without one. `superseded`: another size is wanted by now, or none, or the resize has failed.
 */
export type ShrinkLook =
  | { readonly is: "done" }
  | { readonly is: "free" }
  | { readonly is: "held"; readonly what: string; readonly jobs: readonly string[] }
  | { readonly is: "superseded" };

/**
 * Watches how a cluster gets as small as `nodes`, after META says so: its head drains the nodes that go, waits until no job uses them,
 * and ends each. Where no head answers, and where its head does not get on, the group is free once no job runs. Bound the looks.
 */
export function watchShrink(
  nodes: number,
  { readCluster, runningJobs }: Pick<ResizeControl, "readCluster" | "runningJobs">,
  monotonicMs: () => number,
): () => Promise<ShrinkLook> {
  let moved = { how: "", atMs: monotonicMs() };
  let quiet = 0;
  return async () => {
    const cluster = await readCluster();
    if (cluster === null || isClosed(cluster) || cluster.desiredNodes !== nodes) return { is: "superseded" };
    if (cluster.clusterStatus === "FINISHED") return { is: "done" };
    if (cluster.clusterStatus !== "INPROGRESS") return { is: "superseded" };
    const jobs = await runningJobs();
    const how = `${cluster.knownNodes} ${cluster.reason} ${jobs.join()}`;
    if (how !== moved.how) moved = { how, atMs: monotonicMs() };
    quiet = jobs.length === 0 ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS && monotonicMs() - moved.atMs >= patienceMs(cluster)) return { is: "free" };
    return { is: "held", what: heldBy(cluster, jobs), jobs };
  };
}

/** A head's first word after a resize is a reason, or that all is well. */
const patienceMs = ({ headInstanceId, reasonCode }: ClusterItem): number =>
  headInstanceId === null ? 0 : reasonCode === null ? UNSEEN_MS : STUCK_MS;

function heldBy({ reason }: ClusterItem, jobs: readonly string[]): string {
  const seen = reason === null ? "" : ` (${reason})`;
  return jobs.length > 0 ? `the end of ${nameJobs(jobs)}${seen}` : `its head node${seen}`;
}

/** "job a", "jobs a, b and 7 more". Pure. */
export function nameJobs(jobs: readonly string[]): string {
  const more = jobs.length > NAMED_JOBS ? ` and ${jobs.length - NAMED_JOBS} more` : "";
  return `${jobs.length === 1 ? "job" : "jobs"} ${jobs.slice(0, NAMED_JOBS).join(", ")}${more}`;
}

/**
 * Gives the group the size that META wants, and looks again after it: who wrote META last sets the group last, whatever came in between.
 * A group that is to become smaller is left to the cluster's head, but for the size that is `free`: see watchShrink. Returns META as it was
 * then; null: the cluster is gone, or is being removed. May run at any time, and at once.
 */
export async function settleGroup(
  { readCluster, resizeGroup }: Pick<ResizeControl, "readCluster" | "resizeGroup">,
  free: number | null = null,
): Promise<ClusterItem | null> {
  let cluster = await readCluster();
  for (let round = 0; round < ROUNDS; round++) {
    if (cluster === null || isClosed(cluster) || cluster.fleet === undefined) return null;
    if (isLeftToHead(cluster) && cluster.desiredNodes !== free) return cluster;
    await resizeGroup(cluster.fleet.group, cluster.desiredNodes);
    const after = await readCluster();
    if (after !== null && after.desiredNodes === cluster.desiredNodes) return after;
    cluster = after;
  }
  throw new Error(`Another number of nodes is asked for all the time (cluster ${cluster?.name}).`);
}

const isLeftToHead = ({ shrinksFrom, clusterStatus }: ClusterItem): boolean =>
  shrinksFrom !== undefined && clusterStatus !== "FINISHED";
