import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { tableName } from "../../agent/contract/names.js";
import { INDEXES, PARTITION_KEY, SORT_KEY } from "../../agent/contract/registry.js";
import type { ClientSettings } from "../../scripts/cli/leftovers/find.js";

const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];

/** Makes an org's registry table, with the keys and indexes that the org stack gives it. */
export async function createRegistryTable(
  emulator: { readonly client: ClientSettings },
  org: string,
): Promise<void> {
  const keys = [PARTITION_KEY, SORT_KEY, ...INDEXES.flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey])];
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
      GlobalSecondaryIndexes: INDEXES.map(({ name, hashKey, rangeKey, attributes }) => ({
        IndexName: name,
        KeySchema: keySchema(hashKey, rangeKey),
        Projection:
          attributes.length === 0
            ? { ProjectionType: "KEYS_ONLY" as const }
            : { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...attributes] },
      })),
    }),
  );
  client.destroy();
}
