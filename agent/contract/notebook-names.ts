import { NOTEBOOK_SK_PREFIX, PARTITION_KEY, SORT_KEY } from "./keys.js";

/** The query of the notebooks of a partition, a cluster's or the org's, by their names alone; but for the table's name. */
export const notebookNamesQuery = (partition: string) => ({
  ConsistentRead: true,
  KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :notebooks)",
  ProjectionExpression: "#sk",
  ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
  ExpressionAttributeValues: { ":pk": partition, ":notebooks": NOTEBOOK_SK_PREFIX },
});

/** The names in a page of that query's answer. */
export const notebookNamesIn = (items: readonly Record<string, unknown>[]): readonly string[] =>
  items.map((item) => String(item[SORT_KEY]).slice(NOTEBOOK_SK_PREFIX.length));
