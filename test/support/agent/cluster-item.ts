import type { ClusterItem, NodeSummary } from "../../../agent/contract/registry.js";

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
    reason: null,
    statusChangedAt: "2026-01-01T00:00:00.000Z",
    desiredNodes: 2,
    nodes: [],
    hostfileNodes: 0,
    cores: 0,
    headInstanceId: null,
    leaseGeneration: 0,
    observedAt: null,
    ...overrides,
  };
}

/** A ready node of two cores. */
export function nodeSummary(id: string, overrides: Partial<NodeSummary> = {}): NodeSummary {
  return {
    id,
    address: "10.0.0.1",
    hostname: `ip-${id}`,
    cores: 2,
    state: "ready",
    failingProbes: [],
    ...overrides,
  };
}
