import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../contract/names.js";
import { PARTITION_KEY, SORT_KEY } from "../contract/registry.js";

/** The SDK's default credentials chain, shared by all clients so that the metadata service is asked once, patiently. */
export const credentials = defaultProvider({ timeout: 5_000, maxRetries: 5 });

/** One cluster's part of the registry table. */
export interface ClusterTable {
  readonly client: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly clusterUuid: string;
}

/** Opens the registry. Endpoint and credentials come from the environment or the instance's role. Makes no call. */
export function openTable(org: string, clusterUuid: string, region: string): ClusterTable {
  const client = new DynamoDBClient({
    region,
    credentials,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
  });
  const marshallOptions = { removeUndefinedValues: true };
  return {
    client: DynamoDBDocumentClient.from(client, { marshallOptions }),
    TableName: tableName(org),
    clusterUuid,
  };
}

/** The same item without the table's own keys. */
export function withoutKeys<T extends object>(item: Record<string, unknown>): T {
  const { [PARTITION_KEY]: _pk, [SORT_KEY]: _sk, ...rest } = item;
  return rest as T;
}

/** Runs a conditional write: true when it was made, false when its condition did not hold. Other errors pass. */
export async function isWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * The parameters of an UpdateItem that sets each of `changes`, on `condition`: that names an attribute as `#name` and a value
 * as `:name`, of `changes` or of `compared`. `names` are attributes that only the condition, or a further clause, names.
 */
export function setExpression(
  changes: Readonly<Record<string, unknown>>,
  condition: string,
  compared: Readonly<Record<string, unknown>>,
  names: readonly string[] = [],
) {
  const attributes = [...Object.keys(changes), ...names];
  const values = Object.entries({ ...changes, ...compared });
  return {
    UpdateExpression: `SET ${Object.keys(changes)
      .map((name) => `#${name} = :${name}`)
      .join(", ")}`,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
  };
}
