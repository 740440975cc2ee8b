import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { OrgSdk } from "./sdk/parts.js";

/** The org's table, as far as a query needs it. */
interface QueriedTable {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly signal: AbortSignal;
}

/** All items of a query's answer, page by page. `query`: but for the table's name. Throws the SDK's errors. */
export async function queryItems<T = Record<string, unknown>>(
  { sdk, dynamo, TableName, signal }: QueriedTable,
  query: object,
): Promise<T[]> {
  const pages = sdk.paginateQuery({ client: dynamo }, { TableName, ...query }, { abortSignal: signal });
  const items: T[] = [];
  for await (const { Items = [] } of pages) items.push(...(Items as T[]));
  return items;
}
