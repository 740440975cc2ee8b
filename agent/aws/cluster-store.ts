import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type ClusterItem, clusterPk, META_SK, type NodeItem, nodeSk } from "../contract/registry.js";
import type { FilesNote } from "../head/cleaner.js";
import type { Observation } from "../head/observation.js";
import { type ClusterTable, isWritten, setExpression, withoutKeys } from "./table.js";

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
  const { client, TableName } = table;
  const pk = clusterPk(table.clusterUuid);
  const Key = { pk, sk: META_SK };
  return {
    async readCluster() {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      return Item === undefined ? null : withoutKeys<ClusterItem>(Item);
    },
    async ping(abortSignal) {
      await client.send(new GetCommand({ TableName, Key, ProjectionExpression: "pk" }), { abortSignal });
    },
    async registerNode(node) {
      await client.send(new PutCommand({ TableName, Item: { pk, sk: nodeSk(node.instanceId), ...node } }));
    },
    writeObservation({ changes, seen }) {
      const condition =
        "attribute_exists(pk) AND #leaseGeneration <= :leaseGeneration AND #clusterStatus = :seenStatus AND #desiredNodes = :seenDesired";
      const compared = { seenStatus: seen.clusterStatus, seenDesired: seen.desiredNodes };
      const update = setExpression(changes, condition, compared, ["clusterStatus", "desiredNodes"]);
      return isWritten(client.send(new UpdateCommand({ TableName, Key, ...update })));
    },
    noteFiles(generation, note) {
      const condition = "#files = :seen AND #leaseGeneration <= :generation";
      const update = setExpression(note, condition, { seen: "to-empty", generation }, ["leaseGeneration"]);
      return isWritten(client.send(new UpdateCommand({ TableName, Key, ...update })));
    },
  };
}
