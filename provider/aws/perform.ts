import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { renderDelete, renderPut, renderUpdate } from "../../agent/contract/writes/render.js";
import type { Delete, Update, Write } from "../../agent/contract/writes/write.js";
import { isAwsError, unlessRefused } from "./errors.js";
import type { OrgSdk } from "./sdk/parts.js";

/** The most items of one BatchWriteItem. */
const BATCH = 25;

/** Makes the contract's legal writes in the org's table. SDK errors pass as they are. */
export interface Performer {
  /** False, and nothing written, where the condition did not hold. */
  write(write: Write): Promise<boolean>;
  /** The item as the update left it; null, and nothing written, where the condition did not hold. */
  update(write: Update): Promise<Record<string, unknown> | null>;
  /** All of them or none; false: a condition did not hold, or another transaction was at work on the same items. */
  transact(writes: readonly Write[]): Promise<boolean>;
  /** Deletes that have no condition, 25 in a call. What DynamoDB leaves undone stays: look again. */
  deleteAll(writes: readonly Delete[]): Promise<void>;
}

/** Makes no call and loads nothing. */
export function createPerformer(
  sdk: OrgSdk,
  dynamo: DynamoDBDocumentClient,
  TableName: string,
  signal: AbortSignal,
): Performer {
  const aborting = { abortSignal: signal };

  function send(write: Write): Promise<unknown> {
    switch (write.write) {
      case "put":
        return dynamo.send(new sdk.PutCommand({ TableName, ...renderPut(write) }), aborting);
      case "update":
        return dynamo.send(new sdk.UpdateCommand({ TableName, ...renderUpdate(write) }), aborting);
      case "delete":
        return dynamo.send(new sdk.DeleteCommand({ TableName, ...renderDelete(write) }), aborting);
    }
  }

  return {
    write: async (write) => (await send(write).catch(unlessRefused)) !== undefined,

    async update(write) {
      const command = new sdk.UpdateCommand({ TableName, ...renderUpdate(write), ReturnValues: "ALL_NEW" });
      return (await dynamo.send(command, aborting).catch(unlessRefused))?.Attributes ?? null;
    },

    transact(writes) {
      const TransactItems = writes.map((write) => inTransaction(write, TableName));
      const command = new sdk.TransactWriteCommand({ TransactItems });
      return dynamo.send(command, aborting).then(() => true, unlessCancelled);
    },

    async deleteAll(writes) {
      for (let start = 0; start < writes.length; start += BATCH) {
        const requests = writes.slice(start, start + BATCH).map((write) => ({ DeleteRequest: keyOf(write) }));
        await dynamo.send(new sdk.BatchWriteCommand({ RequestItems: { [TableName]: requests } }), aborting);
      }
    },
  };
}

function inTransaction(write: Write, TableName: string) {
  switch (write.write) {
    case "put":
      return { Put: { TableName, ...renderPut(write) } };
    case "update":
      return { Update: { TableName, ...renderUpdate(write) } };
    case "delete":
      return { Delete: { TableName, ...renderDelete(write) } };
  }
}

function keyOf(write: Delete): { Key: Record<string, string> } {
  if (write.condition !== null) throw new Error("A delete with a condition can't go with others.");
  return { Key: renderDelete(write).Key };
}

/** False: a condition did not hold, or another transaction was writing the same items. */
function unlessCancelled(error: unknown): false {
  if (isAwsError(error, "TransactionCanceledException")) return false;
  throw error;
}
