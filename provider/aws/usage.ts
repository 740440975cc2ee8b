import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { jobSk, PARTITION_KEY, SORT_KEY, usagePk } from "../../agent/contract/keys.js";
import type { ClusterItem } from "../../agent/contract/registry.js";
import type { UsageItem } from "../../agent/contract/usage.js";
import {
  type MonthOfUsage,
  monthOfUsage,
  type UsageRecord,
  type UsingJob,
  usageQuery,
  usingJobsQuery,
} from "../../agent/contract/usage-report.js";
import { closingRecords, jobRecords } from "../../agent/contract/writes/usage.js";
import { createPerformer } from "./perform.js";
import { queryItems } from "./query-items.js";
import type { OrgSdk } from "./sdk/parts.js";

/** The org's usage records in its table. */
export interface UsageTable {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly signal: AbortSignal;
}

const performerOf = ({ sdk, dynamo, TableName, signal }: UsageTable) =>
  createPerformer(sdk, dynamo, TableName, signal);

/** Records what a cluster has used whose nodes are no longer wanted. May run twice. */
export async function recordUsage(table: UsageTable, cluster: ClusterItem): Promise<void> {
  const performer = performerOf(table);
  for (const write of closingRecords(cluster)) await performer.write(write);
}

const WRITES_AT_ONCE = 25;

/** Records what the jobs of a cluster that goes have used, a page of them at a time, however many there are. After recordUsage. May run twice. */
export async function recordJobUsage(table: UsageTable, cluster: ClusterItem): Promise<void> {
  const { sdk, dynamo, TableName, signal } = table;
  const performer = performerOf(table);
  const instanceType = await lastType(table, cluster.uuid);
  // A cluster that never had all its nodes has used nothing, and no job ran.
  if (instanceType === null) return;
  const query = { TableName, ConsistentRead: true, ...usingJobsQuery(cluster.uuid) };
  for await (const { Items = [] } of sdk.paginateQuery({ client: dynamo }, query, { abortSignal: signal })) {
    const writes = jobRecords(cluster, Items as UsingJob[], instanceType);
    for (let start = 0; start < writes.length; start += WRITES_AT_ONCE)
      await Promise.all(writes.slice(start, start + WRITES_AT_ONCE).map(performer.write));
  }
}

/** The type of the cluster's last usage record; null: it has none. */
async function lastType(
  { sdk, dynamo, TableName, signal }: UsageTable,
  uuid: string,
): Promise<string | null> {
  const query = new sdk.QueryCommand({
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: "#pk = :pk AND #sk < :jobs",
    ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
    // Intervals have a time as their sort key, and digits come before letters.
    ExpressionAttributeValues: { ":pk": usagePk(uuid), ":jobs": jobSk("") },
    ScanIndexForward: false,
    Limit: 1,
  });
  const [last] = (await dynamo.send(query, { abortSignal: signal })).Items ?? [];
  return last === undefined ? null : (last as UsageItem).instanceType;
}

/** The org's usage records of a month. */
export const usageOfMonth = async (table: UsageTable, month: string): Promise<MonthOfUsage> =>
  monthOfUsage(await queryItems<UsageRecord>(table, usageQuery(month)));
