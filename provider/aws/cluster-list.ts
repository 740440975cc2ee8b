import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ClusterStatus, LISTED_STATUSES } from "../../agent/contract/cluster-state.js";
import { STATUS_INDEX } from "../../agent/contract/keys.js";
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

/** Where in META a filter's value is. */
const FILTERS = { name: ["name"], fleetGroup: ["fleet", "group"] } as const satisfies Record<
  keyof ClusterFilter,
  readonly string[]
>;

/**
 * Every cluster that is not REMOVED and that the filter lets through, by name; null where there is no such table. The index
 * lags behind by moments, so each cluster it names is read from the table itself: one that has just been removed is not
 * listed.
 */
export async function listClusters(
  table: Table,
  only: ClusterFilter = {},
): Promise<readonly ClusterItem[] | null> {
  try {
    const named = (
      await Promise.all(LISTED_STATUSES.map((status) => uuidsWithStatus(table, status, only)))
    ).flat();
    // One that changes its status meanwhile may be named twice.
    const items = await Promise.all([...new Set(named)].map(table.readCluster));
    return items
      .flatMap((item) => (item === null || item.clusterStatus === "REMOVED" ? [] : [item]))
      .filter(({ name, fleet }) => name === (only.name ?? name) && isOfGroup(fleet, only.fleetGroup))
      .sort((a, b) => `${a.name} ${a.uuid}`.localeCompare(`${b.name} ${b.uuid}`));
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
  only: ClusterFilter,
): Promise<readonly string[]> {
  const filters = Object.entries(FILTERS).flatMap(([key, path]) => {
    const value = only[key as keyof ClusterFilter];
    return value === undefined ? [] : [{ key, path, value }];
  });
  const pages = sdk.paginateQuery(
    { client: dynamo },
    {
      TableName,
      IndexName: STATUS_INDEX.name,
      KeyConditionExpression: "#status = :status",
      ProjectionExpression: "#uuid",
      ...(filters.length === 0
        ? {}
        : {
            FilterExpression: filters
              .map(({ key, path }) => `${path.map((part) => `#${part}`).join(".")} = :${key}`)
              .join(" AND "),
          }),
      ExpressionAttributeNames: {
        "#status": STATUS_INDEX.hashKey,
        "#uuid": "uuid",
        ...Object.fromEntries(filters.flatMap(({ path }) => path.map((part) => [`#${part}`, part]))),
      },
      ExpressionAttributeValues: {
        ":status": status,
        ...Object.fromEntries(filters.map(({ key, value }) => [`:${key}`, value])),
      },
    },
    { abortSignal: signal },
  );
  const uuids: string[] = [];
  for await (const { Items = [] } of pages) uuids.push(...Items.map(({ uuid }) => String(uuid)));
  return uuids;
}
