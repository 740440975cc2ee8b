import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { tableName } from "../../agent/contract/names.js";
import { PARTITION_KEY, QUEUE_INDEX, SORT_KEY, STATUS_INDEX } from "../../agent/contract/registry.js";
import type { TestEmulator } from "./emulator.js";

const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];

/** Makes an org's registry table, with the keys and indexes that the org stack gives it. */
export async function createRegistryTable(emulator: TestEmulator, org: string): Promise<void> {
  const indexes = [STATUS_INDEX, QUEUE_INDEX];
  const keys = [PARTITION_KEY, SORT_KEY, ...indexes.flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey])];
  const client = new DynamoDBClient(emulator.client);
  await client.send(
    new CreateTableCommand({
      TableName: tableName(org),
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keySchema(PARTITION_KEY, SORT_KEY),
      AttributeDefinitions: [...new Set(keys)].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      GlobalSecondaryIndexes: indexes.map(({ name, hashKey, rangeKey }) => ({
        IndexName: name,
        KeySchema: keySchema(hashKey, rangeKey),
        Projection: { ProjectionType: "ALL" },
      })),
    }),
  );
  client.destroy();
}
