import { isUsable } from "../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { NodeSummary } from "../../agent/contract/registry.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { initPid, nodePlaces } from "../../scripts/local/hosts/system/node.js";

/** Whether the node's power is on. */
export const isOn = (cloud: { readonly name: string }, { id }: Pick<NodeSummary, "id">): boolean =>
  initPid(nodePlaces(cloudPlaces(cloud.name), id)) !== null;

/**
 * Whether a fault can be done to the cluster: all its nodes are ready, and they are there. A head sees late that a node is gone: one that is
 * listed as ready may have no power, and a head that the registry names may be no node any more. Nodes of instances that are gone stay listed
 * for a while, and don't count. Pure.
 */
export function isWhole(
  { clusterStatus, nodes, hostfileNodes, busy, headInstanceId }: ObservedCluster,
  wanted: number,
  hasPower: (node: NodeSummary) => boolean,
): boolean {
  const ready = nodes.filter(isUsable);
  const areThere = ready.length === wanted && hostfileNodes === wanted && ready.every(hasPower);
  return clusterStatus === "FINISHED" && !busy && areThere && ready.some(({ id }) => id === headInstanceId);
}
