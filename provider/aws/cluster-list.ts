import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { type ClusterStatus, LISTED_STATUSES } from "../../agent/contract/cluster-state.js";
import { clustersQuery, listedClusters, uuidsIn } from "../../agent/contract/clusters.js";
import type { ClusterItem } from "../../agent/contract/registry.js";
import type { ClusterFilter } from "../client/ports.js";
import { isAwsError } from "./errors.js";
import type { OrgSdk } from "./sdk/parts.js";

interface Table {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly signal: AbortSignal;
  readCluster(uuid: string): Promise<ClusterItem | null>;
}

const READS_AT_ONCE = 16;

/**
 * Every cluster that is not REMOVED and that the filter lets through, by name; null where there is no such table. The index
 * has keys alone, and lags behind by moments, so each cluster it names is read from the table itself: one that has just been
 * removed is not listed.
 */
export async function listClusters(
  table: Table,
  only: ClusterFilter = {},
): Promise<readonly ClusterItem[] | null> {
  try {
    const named = (await Promise.all(LISTED_STATUSES.map((status) => uuidsWithStatus(table, status)))).flat();
    // A cluster whose status changes meanwhile may be listed twice.
    const items = await pMap(new Set(named), table.readCluster, { concurrency: READS_AT_ONCE });
    return listedClusters(items).filter(({ fleet }) => isOfGroup(fleet, only.fleetGroup));
  } catch (error) {
    if (isAwsError(error, "ResourceNotFoundException")) return null;
    throw error;
  }
}

const isOfGroup = (fleet: ClusterItem["fleet"], group: string | undefined): boolean =>
  group === undefined || fleet?.group === group;

async function uuidsWithStatus(
  { sdk, dynamo, TableName, signal }: Table,
  status: ClusterStatus,
): Promise<readonly string[]> {
  const query = { TableName, ...clustersQuery(status) };
  const pages = sdk.paginateQuery({ client: dynamo }, query, { abortSignal: signal });
  const uuids: string[] = [];
  for await (const { Items = [] } of pages) uuids.push(...uuidsIn(Items));
  return uuids;
}
