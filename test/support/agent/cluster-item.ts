import { isWorker } from "../../../agent/contract/node-kind.js";
import { isUsable } from "../../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";
import type { NodeReport } from "../../../agent/contract/writes/node.js";

export const CLUSTER_UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";

/** META as muster_cluster and muster_fleet leave it before the first head: INPROGRESS, two nodes desired. */
export function clusterItem(overrides: Partial<ClusterItem> = {}): ClusterItem {
  return {
    uuid: CLUSTER_UUID,
    org: "acme",
    name: "demo",
    tags: {},
    idleTimeoutMinutes: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    clusterStatus: "INPROGRESS",
    phase: "waiting-for-nodes",
    reasonCode: null,
    reason: null,
    statusChangedAt: "2026-01-01T00:00:00.000Z",
    desiredNodes: 2,
    knownNodes: 0,
    readyNodes: 0,
    busy: false,
    hostfileNodes: 0,
    cores: 0,
    headInstanceId: null,
    leaseGeneration: 0,
    observedAt: null,
    ...overrides,
  };
}

/** As clusterItem, with its nodes; what META counts of them follows from them. */
export function observedCluster({
  nodes = [],
  ...overrides
}: Partial<ObservedCluster> = {}): ObservedCluster {
  return { ...clusterItem({ ...countsOf(nodes), ...overrides }), nodes };
}

/** What a head writes into META of these nodes. */
export function countsOf(nodes: readonly NodeSummary[]): Pick<ClusterItem, "knownNodes" | "readyNodes"> {
  return { knownNodes: nodes.filter(isWorker).length, readyNodes: nodes.filter(isUsable).length };
}

/** A node's item, as the head writes it. */
export const nodeItem = ({
  id: instanceId,
  state: _state,
  reasonCode: _code,
  ...node
}: NodeSummary): NodeReport => ({
  instanceId,
  ...node,
});

/** A ready node of two cores. */
export function nodeSummary(id: string, overrides: Partial<NodeSummary> = {}): NodeSummary {
  return {
    id,
    address: "10.0.0.1",
    hostname: `ip-${id}`,
    cores: 2,
    kind: "worker",
    state: "ready",
    failingProbes: [],
    reasonCode: null,
    ...overrides,
  };
}
