import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { CLUSTER_STATUSES, type ClusterStatus } from "../../agent/contract/cluster-state.js";
import { STATUS_INDEX } from "../../agent/contract/keys.js";
import type { ClusterItem } from "../../agent/contract/registry.js";
import { isAwsError } from "./errors.js";
import type { OrgSdk } from "./sdk/parts.js";

interface Table {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly signal: AbortSignal;
  readCluster(uuid: string): Promise<ClusterItem | null>;
}

/**
 * Every cluster that is not REMOVED, by name; null where there is no such table. The index lags behind by moments, so
 * each cluster it names is read from the table itself: one that has just been removed is not listed.
 */
export async function listClusters(table: Table): Promise<readonly ClusterItem[] | null> {
  const statuses = CLUSTER_STATUSES.filter((status) => status !== "REMOVED");
  try {
    const named = (await Promise.all(statuses.map((status) => uuidsWithStatus(table, status)))).flat();
    // One that changes its status meanwhile may be named twice.
    const items = await Promise.all([...new Set(named)].map(table.readCluster));
    return items
      .flatMap((item) => (item === null || item.clusterStatus === "REMOVED" ? [] : [item]))
      .sort((a, b) => `${a.name} ${a.uuid}`.localeCompare(`${b.name} ${b.uuid}`));
  } catch (error) {
    if (isAwsError(error, "ResourceNotFoundException")) return null;
    throw error;
  }
}

async function uuidsWithStatus(
  { sdk, dynamo, TableName, signal }: Table,
  status: ClusterStatus,
): Promise<readonly string[]> {
  const pages = sdk.paginateQuery(
    { client: dynamo },
    {
      TableName,
      IndexName: STATUS_INDEX.name,
      KeyConditionExpression: "#status = :status",
      ProjectionExpression: "#uuid",
      ExpressionAttributeNames: { "#status": STATUS_INDEX.hashKey, "#uuid": "uuid" },
      ExpressionAttributeValues: { ":status": status },
    },
    { abortSignal: signal },
  );
  const uuids: string[] = [];
  for await (const { Items = [] } of pages) uuids.push(...Items.map(({ uuid }) => String(uuid)));
  return uuids;
}
