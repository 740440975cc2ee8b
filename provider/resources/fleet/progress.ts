import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";

/** How far a resize is, judged by the registry alone. `fatal`: waiting longer can't help. */
export type FleetProgress =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly summary: string }
  | { readonly kind: "fatal"; readonly reason: string };

/** Whether jobs may run on the node: the hostfile lists exactly these. */
export const isReady = ({ state }: NodeSummary): boolean => state === "ready" || state === "busy";

/**
 * Judges META as read after the resize was written. That write set INPROGRESS, so FINISHED can only be a head's
 * word on this resize: no clocks need to agree.
 */
export function judgeProgress(item: ClusterItem | null, nodes: number): FleetProgress {
  if (item === null) return { kind: "fatal", reason: "the cluster was removed from the registry meanwhile" };
  if (item.desiredNodes !== nodes) {
    return { kind: "fatal", reason: `somebody else asked for ${item.desiredNodes} nodes meanwhile` };
  }
  const ready = item.nodes.filter(isReady).length;
  switch (item.clusterStatus) {
    case "FINISHED":
      if (item.hostfileNodes === nodes && ready === nodes) return { kind: "ready" };
      return { kind: "waiting", summary: summarise(item, nodes) };
    case "NEW":
    case "INPROGRESS":
      return { kind: "waiting", summary: summarise(item, nodes) };
    case "PARKED":
      return { kind: "fatal", reason: "the cluster was parked meanwhile" };
    case "FAILED":
      return { kind: "fatal", reason: `the cluster FAILED: ${item.reason ?? "no reason is recorded"}` };
    case "REMOVING":
    case "REMOVED":
      return { kind: "fatal", reason: `the cluster is ${item.clusterStatus}` };
  }
}

/**
 * The size that Terraform should believe in. Null where the last resize did not come to its end (failed, or cut short by
 * a Ctrl-C), so that the next plan runs it again, whatever size is declared by then. Else as declared: a parked cluster,
 * or a group resized from outside, is no difference.
 */
export function settledNodes(
  { clusterStatus, desiredNodes }: ClusterItem,
  declared: number | null,
): number | null {
  const cutShort = clusterStatus === "INPROGRESS" && declared !== null && desiredNodes !== declared;
  return clusterStatus === "FAILED" || cutShort ? null : (declared ?? desiredNodes);
}

function summarise(item: ClusterItem, nodes: number): string {
  const ready = item.nodes.filter(isReady).length;
  const unready = item.nodes.filter((node) => !isReady(node));
  const parts = [
    `${ready} of ${nodes} nodes ready`,
    `${item.hostfileNodes} in the hostfile`,
    `phase ${item.phase}`,
    ...(item.headInstanceId === null ? ["no head node yet"] : []),
    ...unready.slice(0, 3).map(renderNode),
  ];
  return parts.join(", ");
}

/** "i-1 (10.0.0.4) unready: shared, agents" */
export function renderNode({ id, address, state, failingProbes }: NodeSummary): string {
  const probes = failingProbes.length > 0 ? `: ${failingProbes.join(", ")}` : "";
  return `${id} (${address}) ${state}${probes}`;
}
