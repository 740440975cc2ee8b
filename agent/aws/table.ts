import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { tableName } from "../contract/names.js";
import { PARTITION_KEY, SORT_KEY } from "../contract/registry.js";
import { renderDelete, renderPut, renderUpdate } from "../contract/writes/render.js";
import type { Put, Update, Write } from "../contract/writes/write.js";
import { requestHandler } from "./request-handler.js";

/** The SDK's default credentials chain, shared by all clients so that they call the metadata service only once, with retries. */
export const credentials = defaultProvider({ timeout: 5_000, maxRetries: 5 });

/** One cluster's part of the registry table. */
export interface ClusterTable {
  readonly client: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly clusterUuid: string;
}

/** Calls that were answered, a refusal included, and those that failed after the SDK's retries. */
interface CallCounts {
  answered: number;
  failed: number;
}

/**
 * Opens the registry. Endpoint and credentials come from the environment or the instance's role. Makes no call. Its calls are counted
 * in `counts`.
 */
export function openTable(
  org: string,
  clusterUuid: string,
  region: string,
  counts: CallCounts = { answered: 0, failed: 0 },
): ClusterTable {
  const client = new DynamoDBClient({
    region,
    credentials,
    requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        const answer = await next(args);
        counts.answered += 1;
        return answer;
      } catch (error) {
        const isAnswer = error instanceof ConditionalCheckFailedException || isRefusal(error);
        counts[isAnswer ? "answered" : "failed"] += 1;
        throw error;
      }
    },
    { step: "initialize", name: "musterCallCounts" },
  );
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

/** Where a write goes, and how to call there. */
type Table = Pick<ClusterTable, "client" | "TableName">;
interface Calling {
  readonly abortSignal?: AbortSignal;
}

/** Makes a legal write: true when it was made, false when its condition did not hold. Other errors pass. */
export async function perform(table: Table, write: Write, calling: Calling = {}): Promise<boolean> {
  return (await unlessRefused(send(table, write, calling))) !== null;
}

function send({ client, TableName }: Table, write: Write, calling: Calling): Promise<object> {
  switch (write.write) {
    case "put":
      return client.send(new PutCommand({ TableName, ...renderPut(write) }), calling);
    case "update":
      return client.send(new UpdateCommand({ TableName, ...renderUpdate(write) }), calling);
    case "delete":
      return client.send(new DeleteCommand({ TableName, ...renderDelete(write) }), calling);
  }
}

/** Makes all of the writes or none: false when a condition did not hold. Other errors pass. */
export async function transact(
  { client, TableName }: Table,
  writes: readonly (Put | Update)[],
  calling: Calling = {},
): Promise<boolean> {
  const TransactItems = writes.map((write) =>
    write.write === "put"
      ? { Put: { TableName, ...renderPut(write) } }
      : { Update: { TableName, ...renderUpdate(write) } },
  );
  try {
    await client.send(new TransactWriteCommand({ TransactItems }), calling);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof TransactionCanceledException &&
  (error.CancellationReasons ?? []).some(({ Code }) => Code === "ConditionalCheckFailed");

/** As perform, and gives the item as the update left it; null when its condition did not hold. */
export async function performUpdate(
  { client, TableName }: Table,
  write: Update,
  calling: Calling = {},
): Promise<Record<string, unknown> | null> {
  const command = new UpdateCommand({ TableName, ...renderUpdate(write), ReturnValues: "ALL_NEW" });
  return (await unlessRefused(client.send(command, calling)))?.Attributes ?? null;
}

/** Null when a write's condition did not hold. */
async function unlessRefused<T>(sent: Promise<T>): Promise<T | null> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw error;
  }
}
