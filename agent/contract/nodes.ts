import { isClosed } from "./cluster-state.js";
import { clusterPk, nodeSk, PARTITION_KEY, SORT_KEY } from "./keys.js";
import type { NodeState } from "./node-state.js";
import { nodeReasonCode } from "./reasons.js";
import type { ClusterItem, NodeItem, NodeSummary } from "./registry.js";

/** A cluster with its nodes as the head last saw them, sorted by address. Only who needs the nodes reads them. */
export type ObservedCluster = ClusterItem & { readonly nodes: readonly NodeSummary[] };

/** The attributes of a node's item that a summary is made of. */
const SUMMARY_ATTRIBUTES = [
  "instanceId",
  "address",
  "hostname",
  "cores",
  "kind",
  "failingProbes",
  "drain",
] as const satisfies readonly (keyof NodeItem)[];

/** The query of a cluster's nodes' items, of which only what makes a summary comes over the network; but for the table's name. */
export function nodesQuery(clusterUuid: string) {
  const names = [PARTITION_KEY, SORT_KEY, ...SUMMARY_ATTRIBUTES];
  return {
    ConsistentRead: true,
    KeyConditionExpression: `#${PARTITION_KEY} = :pk AND begins_with(#${SORT_KEY}, :nodes)`,
    ProjectionExpression: SUMMARY_ATTRIBUTES.map((name) => `#${name}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":nodes": nodeSk("") },
  };
}

/** A node's item once a head has heard the node. */
export type HeardNode = NodeItem & Required<Pick<NodeItem, "failingProbes">>;

/** Whether a head has heard the node: what a node only says of itself makes it no part of the cluster. */
export const isHeard = (item: NodeItem): item is HeardNode => Array.isArray(item.failingProbes);

/**
 * The nodes as the head saw them, from their items and META, sorted by address. What is the same for all nodes (a job runs, the
 * cluster is being removed) is in META alone, so that it takes one write and not one a node. Pure.
 */
export function summarizeNodes(
  items: readonly NodeItem[],
  cluster: Pick<ClusterItem, "clusterStatus" | "busy">,
): readonly NodeSummary[] {
  return items
    .filter(isHeard)
    .map(({ instanceId: id, address, hostname, cores, kind, failingProbes, drain = null }) => ({
      ...{ id, address, hostname, cores, kind, failingProbes },
      reasonCode: drain?.reasonCode ?? nodeReasonCode(failingProbes),
      state: stateOf({ failingProbes, drain }, cluster),
    }))
    .sort((a, b) => compareAddresses(a.address, b.address));
}

function stateOf(
  { failingProbes, drain }: Required<Pick<HeardNode, "failingProbes" | "drain">>,
  cluster: Pick<ClusterItem, "clusterStatus" | "busy">,
): NodeState {
  if (drain) return drain.endedAt === null ? "draining" : "stopping";
  if (isClosed(cluster)) return "draining";
  if (failingProbes.length > 0) return "unready";
  return cluster.busy ? "busy" : "ready";
}

/** Orders IPv4 addresses by number: 10.0.0.9 before 10.0.0.10. */
export function compareAddresses(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
