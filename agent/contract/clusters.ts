import type { ClusterStatus } from "./cluster-state.js";
import { PARTITION_KEY, STATUS_INDEX, uuidOfPk } from "./keys.js";
import type { ClusterItem } from "./registry.js";

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

/**
 * The clusters to list, by name, of those whose items were read after the query. The index lags behind by moments: a cluster may
 * be gone (null) or REMOVED by then.
 */
export const listedClusters = (items: readonly (ClusterItem | null)[]): readonly ClusterItem[] =>
  items
    .flatMap((item) => (item === null || item.clusterStatus === "REMOVED" ? [] : [item]))
    .sort((a, b) => `${a.name} ${a.uuid}`.localeCompare(`${b.name} ${b.uuid}`));
