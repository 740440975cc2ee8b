import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../../../agent/contract/names.js";
import { failure } from "../core/exit.js";
import type { Opening } from "../core/ports.js";
import type { Explain } from "./aws-call.js";
import { callsOf, clientSettings } from "./connection.js";

/** The org's registry, and how to call it. */
export interface OrgTable {
  readonly client: DynamoDBDocumentClient;
  readonly TableName: string;
  /** Pass it to each SDK call: --timeout and Ctrl-C abort it. */
  readonly aborting: { readonly abortSignal: AbortSignal };
  /** Runs a call; its CommandError says what was tried (`doing`), and names the table if the table is missing. */
  call<T>(doing: string, run: () => Promise<T>): Promise<T>;
}

/** Makes no call. `account` finds the account of the credentials; null: it can't be found. */
export function openOrgTable(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  { version, account }: { readonly version: string; readonly account: () => Promise<string | null> },
): OrgTable {
  const dynamo = new DynamoDBClient(clientSettings(opening, version));
  const call = callsOf(dynamo, "DYNAMODB", opening, env);
  const TableName = tableName(opening.org);
  const explain: Explain = async ({ name }) => {
    if (name !== "ResourceNotFoundException") return null;
    const id = await account();
    const where = id === null ? opening.region : `${opening.region} (account ${id})`;
    return failure(
      `There is no registry table ${TableName} in ${where}: is the org's name right, and is it deployed in this region?`,
    );
  };
  return {
    client: DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } }),
    TableName,
    aborting: { abortSignal: opening.signal },
    call: (doing, run) => call(`${doing} in table ${TableName}`, run, explain),
  };
}
