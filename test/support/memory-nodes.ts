import { clusterPk, nodeSk } from "../../agent/contract/keys.js";
import type { NodeItem } from "../../agent/contract/registry.js";
import { type NodeFacts, nodeWrites } from "../../agent/contract/writes/node.js";
import type { NodeStore } from "../../agent/head/node-records.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";
import { type MemoryTable, withoutKeys } from "./memory-table.js";

/** The nodes' items of the tests' cluster in memory, by the contract's writes. */
export function memoryNodes(
  table: MemoryTable,
): NodeStore & { registerNode(node: NodeFacts): Promise<void> } {
  return {
    readNodes: async () =>
      table.query(clusterPk(CLUSTER_UUID), nodeSk("")).map((item) => withoutKeys<NodeItem>(item)),
    reportNode: async (generation, report) =>
      table.perform(nodeWrites.report(CLUSTER_UUID, generation, report)),
    forgetNode: async (generation, id) => table.perform(nodeWrites.forget(CLUSTER_UUID, generation, id)),
    registerNode: async (node) => void table.perform(nodeWrites.register(CLUSTER_UUID, node)),
  };
}
