import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type ClusterItem, META_SK, type NodeItem, partitionKeyed } from "../contract/registry.js";
import { clusterWrites, type FilesNote, type Observation } from "../contract/writes/cluster.js";
import { nodeWrites } from "../contract/writes/node.js";
import { type ClusterTable, perform, withoutKeys } from "./table.js";

/** The cluster's META item and its nodes' items. */
export interface ClusterStore {
  /** META, consistently read; null when the cluster has been removed. */
  readCluster(): Promise<ClusterItem | null>;
  /** Whether the registry answers; rejects with the reason. */
  ping(signal: AbortSignal): Promise<void>;
  /** Writes this node's own item, replacing that of an earlier start. */
  registerNode(node: NodeItem): Promise<void>;
  /**
   * Writes what the head saw. False, and nothing written, when a newer head has written, the status or the desired size
   * has moved since it was read, or the cluster is gone: read again and decide again.
   */
  writeObservation(observation: Observation): Promise<boolean>;
  /** Writes what became of the cluster's files, while they are to be emptied and no newer head has written; else false. */
  noteFiles(generation: number, note: FilesNote): Promise<boolean>;
}

export function createClusterStore(table: ClusterTable): ClusterStore {
  const { client, TableName, clusterUuid } = table;
  const Key = partitionKeyed(clusterUuid, META_SK);
  return {
    async readCluster() {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item === undefined ? null : withoutKeys<ClusterItem>(Item);
    },
    async ping(abortSignal) {
      await client.send(new GetCommand({ TableName, Key, ProjectionExpression: "pk" }), { abortSignal });
    },
    async registerNode(node) {
      await perform(table, nodeWrites.register(clusterUuid, node));
    },
    writeObservation: (observation) => perform(table, clusterWrites.observe(clusterUuid, observation)),
    noteFiles: (generation, note) => perform(table, clusterWrites.noteFiles(clusterUuid, generation, note)),
  };
}
