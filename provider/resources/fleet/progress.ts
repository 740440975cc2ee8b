import { because, type ClusterReasonCode } from "../../../agent/contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";

/** The progress of a resize, from the registry alone. `fatal`: waiting longer can't help. */
export type FleetProgress =
  | { readonly kind: "ready"; readonly item: ClusterItem }
  | { readonly kind: "waiting"; readonly summary: string }
  /** `reasonCode` null: the registry has none. */
  | { readonly kind: "fatal"; readonly reasonCode: ClusterReasonCode | null; readonly reason: string };

const fatal = (reasonCode: ClusterReasonCode, reason: string): FleetProgress => ({
  kind: "fatal",
  ...because(reasonCode, reason),
});

/**
 * Judges META as read after the resize was written. That write set INPROGRESS, so a FINISHED can only come from a head, for this
 * resize: no clocks need to agree.
 */
export function judgeProgress(item: ClusterItem | null, nodes: number, owner?: string): FleetProgress {
  if (item === null)
    return fatal("cluster-item-gone", "the cluster was removed from the registry during the resize");
  if (item.fleet?.owner !== owner) {
    return fatal("fleet-taken-over", "another muster_fleet took the nodes over during the resize");
  }
  if (item.desiredNodes !== nodes) {
    return fatal(
      "resize-superseded",
      `something else asked for ${item.desiredNodes} nodes during the resize`,
    );
  }
  switch (item.clusterStatus) {
    case "FINISHED":
      if (item.hostfileNodes === nodes && item.readyNodes === nodes) return { kind: "ready", item };
      return { kind: "waiting", summary: summarise(item, nodes) };
    case "NEW":
    case "INPROGRESS":
      return { kind: "waiting", summary: summarise(item, nodes) };
    case "PARKED":
      return fatal("cluster-parked", "the cluster was parked during the resize");
    case "FAILED":
      return {
        kind: "fatal",
        reasonCode: item.reasonCode,
        reason: `the cluster FAILED: ${item.reason ?? "no reason is recorded"}`,
      };
    case "REMOVING":
    case "REMOVED":
      return fatal("cluster-removing", `the cluster is ${item.clusterStatus}`);
  }
}

/**
 * Whether the last resize finished. If not (it failed, or was interrupted), the next plan runs it again, for any declared size.
 * `declared` null: an import, which has no size to compare with.
 */
export function isResizeSettled(
  { clusterStatus, desiredNodes, fleet, resize }: ClusterItem,
  declared: number | null,
): boolean {
  if (clusterStatus === "FAILED") return false;
  if (declared === null) return clusterStatus !== "INPROGRESS";
  // Without a claim, it is unknown who requested a size that the state does not have.
  return fleet === undefined
    ? clusterStatus !== "INPROGRESS" || desiredNodes === declared
    : fleet.nodes === declared || (resize !== undefined && desiredNodes === declared);
}

function summarise(item: ClusterItem, nodes: number): string {
  const parts = [
    `${item.readyNodes} of ${nodes} nodes ready`,
    `${item.hostfileNodes} in the hostfile`,
    `phase ${item.phase}`,
    ...(item.headInstanceId === null ? ["no head node yet"] : []),
    ...(item.reason === null ? [] : [item.reason]),
  ];
  return parts.join(", ");
}

/** "i-1 (10.0.0.4) unready: shared, agents" */
export function renderNode({ id, address, state, failingProbes }: NodeSummary): string {
  const probes = failingProbes.length > 0 ? `: ${failingProbes.join(", ")}` : "";
  return `${id} (${address}) ${state}${probes}`;
}
