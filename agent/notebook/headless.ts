import { isClosed } from "../contract/cluster-state.js";
import type { ClusterItem } from "../contract/registry.js";

/** Why a notebook's node has no head, for people: what its cluster is doing, and what to do next. Null: the cluster is gone. Pure. */
export function describeHeadless(
  cluster: Pick<ClusterItem, "name" | "clusterStatus" | "phase" | "reason"> | null,
): string {
  if (cluster === null)
    return "the cluster is not in the registry any more: attach the notebook to another one";
  const { name, clusterStatus, phase, reason } = cluster;
  const state = `cluster ${name} is ${clusterStatus}, ${phase}${reason === null ? "" : `: ${reason}`}`;
  if (clusterStatus === "PARKED") return `${state}; muster cluster resume ${name} gives it nodes`;
  if (isClosed(cluster)) return `${state}; attach the notebook to another one`;
  return `${state}; this node has no connection to its head node`;
}
