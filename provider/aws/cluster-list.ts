import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { type ClusterStatus, LISTED_STATUSES } from "../../agent/contract/cluster-state.js";
import {
  clusterKeysIn,
  clusterNamesQuery,
  clustersQuery,
  listedClusters,
  uuidsIn,
} from "../../agent/contract/clusters.js";
import type { ClusterItem } from "../../agent/contract/registry.js";
import { isAwsError } from "./errors.js";
import { queryItems } from "./query-items.js";
import type { OrgSdk } from "./sdk/parts.js";

interface Table {
  readonly sdk: OrgSdk;
  readonly dynamo: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly org: string;
  readonly signal: AbortSignal;
  readCluster(uuid: string): Promise<ClusterItem | null>;
}

const READS_AT_ONCE = 16;

/**
 * Every cluster that is not REMOVED, by name; null where there is no such table. The index
 * has keys alone, and lags behind by moments, so each cluster it names is read from the table itself: one that has just been
 * removed is not listed. A cluster whose status changes between two of the queries is in neither's answer, but it keeps its name: only one
 * that was made before names were kept can be missed so.
 */
export async function listClusters(table: Table): Promise<readonly ClusterItem[] | null> {
  try {
    const queries = LISTED_STATUSES.map((status) => uuidsWithStatus(table, status));
    const uuids = new Set((await Promise.all([uuidsWithNames(table), ...queries])).flat());
    const items = await pMap(uuids, table.readCluster, { concurrency: READS_AT_ONCE });
    return listedClusters(items);
  } catch (error) {
    if (isAwsError(error, "ResourceNotFoundException")) return null;
    throw error;
  }
}

/** The clusters as the first use lists them. A list that failed is made again. */
export interface FirstList {
  /** Those that had the name then. */
  named(name: string): Promise<readonly ClusterItem[]>;
  /** Those whose fleet claimed the group then. */
  ofGroup(group: string): Promise<readonly ClusterItem[]>;
}

/**
 * Keeps what `list` gives at the first use: a thousand creates in one apply must not read all clusters a thousand times. Who finds a
 * cluster so reads it anew.
 */
export function firstList(list: () => Promise<readonly ClusterItem[]>): FirstList {
  let listed:
    | Promise<Record<keyof FirstList, ReadonlyMap<string | undefined, readonly ClusterItem[]>>>
    | undefined;
  const find = async (by: keyof FirstList, key: string) => {
    listed ??= list()
      .then((clusters) => ({
        named: Map.groupBy(clusters, ({ name }) => name),
        ofGroup: Map.groupBy(clusters, ({ fleet }) => fleet?.group),
      }))
      .catch((error: unknown) => {
        listed = undefined;
        throw error;
      });
    return (await listed)[by].get(key) ?? [];
  };
  return { named: (name) => find("named", name), ofGroup: (group) => find("ofGroup", group) };
}

/** The clusters whose fleet claims the group, as they are now: among all, or among those of `first`. */
export async function clustersOfGroup(
  table: Table,
  group: string,
  first: FirstList | null,
): Promise<readonly ClusterItem[]> {
  const isOfGroup = ({ fleet }: ClusterItem) => fleet?.group === group;
  if (first === null) return ((await listClusters(table)) ?? []).filter(isOfGroup);
  const then = await first.ofGroup(group);
  const now = await Promise.all(then.map(({ uuid }) => table.readCluster(uuid)));
  return listedClusters(now).filter(isOfGroup);
}

const uuidsWithStatus = async (table: Table, status: ClusterStatus): Promise<readonly string[]> =>
  uuidsIn(await queryItems(table, clustersQuery(status)));

const uuidsWithNames = async (table: Table): Promise<readonly string[]> =>
  clusterKeysIn(await queryItems(table, clusterNamesQuery(table.org))).map(({ uuid }) => uuid);
