import type { ClusterStatus } from "./cluster-state.js";
import { NAME_SK_PREFIX, orgPk, PARTITION_KEY, SORT_KEY, STATUS_INDEX, uuidOfPk } from "./keys.js";
import type { ClusterItem } from "./registry.js";
import { byText } from "./text-order.js";

/** A cluster's name and UUID: enough to list it in its place, and small. */
export type ClusterKey = Pick<ClusterItem, "name" | "uuid">;

/** The query of the clusters that have a status, of which only keys come over the network; but for the table's name. */
export const clustersQuery = (status: ClusterStatus) => ({
  IndexName: STATUS_INDEX.name,
  KeyConditionExpression: "#status = :status",
  ProjectionExpression: "#pk",
  ExpressionAttributeNames: { "#status": STATUS_INDEX.hashKey, "#pk": PARTITION_KEY },
  ExpressionAttributeValues: { ":status": status },
});

/** The UUIDs in a page of that query's answer. */
export const uuidsIn = (items: readonly Record<string, unknown>[]): readonly string[] =>
  items.map((item) => uuidOfPk(String(item[PARTITION_KEY])));

/** The query of the names that clusters of the org have, with their UUIDs; but for the table's name. A cluster that was made before names were kept has none. */
export const clusterNamesQuery = (org: string) => ({
  ConsistentRead: true,
  KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :names)",
  ProjectionExpression: "#sk, #uuid",
  ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY, "#uuid": "clusterUuid" },
  ExpressionAttributeValues: { ":pk": orgPk(org), ":names": NAME_SK_PREFIX },
});

/** What a page of that query's answer has. */
export const clusterKeysIn = (items: readonly Record<string, unknown>[]): readonly ClusterKey[] =>
  items.map((item) => ({
    name: String(item[SORT_KEY]).slice(NAME_SK_PREFIX.length),
    uuid: String(item["clusterUuid"]),
  }));

/** The order in which clusters are listed: by name, then by UUID. */
export const byClusterName = (a: ClusterKey, b: ClusterKey): number =>
  byText(a.name, b.name) || byText(a.uuid, b.uuid);

/**
 * The clusters to list, by name, of those whose items were read after the query. The index lags behind by moments: a cluster may
 * be gone (null) or REMOVED by then.
 */
export const listedClusters = (items: readonly (ClusterItem | null)[]): readonly ClusterItem[] =>
  items
    .flatMap((item) => (item === null || item.clusterStatus === "REMOVED" ? [] : [item]))
    .sort(byClusterName);
