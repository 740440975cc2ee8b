import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";
import { tableName } from "../../../agent/contract/names.js";
import {
  type ClusterItem,
  clusterPk,
  META_SK,
  PARTITION_KEY,
  QUEUE_INDEX,
  SORT_KEY,
  STATUS_INDEX,
} from "../../../agent/contract/registry.js";
import type { TestEmulator } from "../emulator.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";

const ORG = "acme";

/** Makes the org's registry table, as the org stack does, and opens it the way that the agent does, by environment. */
export async function createRegistryTable(emulator: TestEmulator): Promise<ClusterTable> {
  Object.assign(process.env, emulator.env);
  const client = new DynamoDBClient(emulator.client);
  const indexes = [STATUS_INDEX, QUEUE_INDEX];
  const attributes = new Set([PARTITION_KEY, SORT_KEY, ...indexes.flatMap((i) => [i.hashKey, i.rangeKey])]);
  await client.send(
    new CreateTableCommand({
      TableName: tableName(ORG),
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: PARTITION_KEY, KeyType: "HASH" },
        { AttributeName: SORT_KEY, KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: indexes.map(({ name, hashKey, rangeKey }) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: hashKey, KeyType: "HASH" },
          { AttributeName: rangeKey, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      })),
    }),
  );
  client.destroy();
  return openTable(ORG, CLUSTER_UUID, emulator.client.region);
}

/** Writes META, as muster_cluster and muster_fleet do. */
export async function putCluster(table: ClusterTable, overrides: Partial<ClusterItem> = {}): Promise<void> {
  const Item = { pk: clusterPk(table.clusterUuid), sk: META_SK, ...clusterItem(overrides) };
  await table.client.send(new PutCommand({ TableName: table.TableName, Item }));
}
