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

/** How long a head may take to see that another number of nodes is wanted, before the group is changed without it. */
const HEAD_PATIENCE_MS = 30_000;
/** A job may begin just as its head learns of the resize: so one look without a job is not enough. */
const QUIET_LOOKS = 2;
const NAMED_JOBS = 5;
/** So often may another writer come in between. */
const ROUNDS = 10;

/** Whether the group may be made smaller. `superseded`: another size is wanted by now, or none. */
export type ShrinkLook =
  | { readonly is: "free"; readonly headIsSilent: boolean }
  | { readonly is: "held"; readonly what: string }
  | { readonly is: "superseded" };

/**
 * Looks whether a group may be made smaller to `nodes`, after META says so: from when its head has seen that, no job begins, and none
 * that runs loses a node. A cluster without a head that answers is free after half a minute, if no job runs. Bound the looks.
 */
export function watchShrink(
  nodes: number,
  { readCluster, runningJobs }: Pick<ResizeControl, "readCluster" | "runningJobs">,
  monotonicMs: () => number,
): () => Promise<ShrinkLook> {
  const sinceMs = monotonicMs();
  let quiet = 0;
  return async () => {
    const cluster = await readCluster();
    if (cluster === null || isClosed(cluster) || cluster.desiredNodes !== nodes) return { is: "superseded" };
    const jobs = await runningJobs();
    const hasSeen = hasHeadSeen(cluster);
    const isPatient = monotonicMs() - sinceMs < HEAD_PATIENCE_MS;
    quiet = jobs.length === 0 && (hasSeen || !isPatient) ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS) return { is: "free", headIsSilent: !hasSeen };
    if (jobs.length > 0) return { is: "held", what: `the end of ${nameJobs(jobs)}` };
    return { is: "held", what: "its head node, which begins no more jobs until then" };
  };
}

/** Its first word after a resize is a reason, or that all is well. */
const hasHeadSeen = ({ clusterStatus, reasonCode, headInstanceId }: ClusterItem): boolean =>
  headInstanceId === null || clusterStatus !== "INPROGRESS" || reasonCode !== null;

/** "job a", "jobs a, b and 7 more". Pure. */
export function nameJobs(jobs: readonly string[]): string {
  const more = jobs.length > NAMED_JOBS ? ` and ${jobs.length - NAMED_JOBS} more` : "";
  return `${jobs.length === 1 ? "job" : "jobs"} ${jobs.slice(0, NAMED_JOBS).join(", ")}${more}`;
}

/**
 * Gives the group the size that META wants, and looks again after it: who wrote META last sets the group last, whatever came in between.
 * Returns META as it was then; null: the cluster is gone, or is being removed. May run at any time, and at once.
 */
export async function settleGroup({
  readCluster,
  resizeGroup,
}: Pick<ResizeControl, "readCluster" | "resizeGroup">): Promise<ClusterItem | null> {
  let cluster = await readCluster();
  for (let round = 0; round < ROUNDS; round++) {
    if (cluster === null || isClosed(cluster) || cluster.fleet === undefined) return null;
    await resizeGroup(cluster.fleet.group, cluster.desiredNodes);
    const after = await readCluster();
    if (after !== null && after.desiredNodes === cluster.desiredNodes) return after;
    cluster = after;
  }
  throw new Error(`Another number of nodes is asked for all the time (cluster ${cluster?.name}).`);
}
