import type { ClusterItem } from "../contract/registry.js";
import { mayStartJobs } from "./observation.js";

const LEAST_MS = 50;
const MOST_MS = 1_000;

/**
 * How long a look waits for the reports that come after the one that called for it, in milliseconds: they are written together. While a
 * cluster still gets its nodes no job can begin, and each node brings several reports: there a head whose looks take long, as where many nodes
 * boot on one machine, looks for half of its time at most. `lookedForMs`: how long the last one took. Pure.
 */
export function gatherMs(
  meta: Pick<ClusterItem, "clusterStatus" | "desiredNodes"> | null,
  usableNodes: number,
  lookedForMs: number,
): number {
  const isGathering = meta !== null && !mayStartJobs(meta.clusterStatus) && usableNodes < meta.desiredNodes;
  return isGathering ? Math.min(MOST_MS, Math.max(LEAST_MS, lookedForMs)) : LEAST_MS;
}
