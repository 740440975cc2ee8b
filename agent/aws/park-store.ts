import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { JobStatus } from "../contract/job-state.js";
import { clusterPk, jobSk, PARTITION_KEY, SORT_KEY } from "../contract/keys.js";
import type { ParkControl } from "../contract/park.js";
import { type ClusterTable, perform } from "./table.js";

const CALL_TIMEOUT_MS = 20_000;

/** What a park reads and writes of the registry. Bounded; throws SDK errors. */
export const createParkStore = (table: ClusterTable): Pick<ParkControl, "perform" | "unendedJobs"> => ({
  perform: (write) => perform(table, write, { abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) }),
  unendedJobs: () => readUnendedJobs(table, AbortSignal.timeout(CALL_TIMEOUT_MS)),
});

/**
 * The ids of the cluster's jobs that have not ended: all its jobs, consistently, for the queue's index may lag behind. One that was
 * written by hand counts too, if it says so: the head sets it aside.
 */
export const readUnendedJobs = (table: ClusterTable, signal: AbortSignal): Promise<readonly string[]> =>
  readJobs(table, ["NEW", "INPROGRESS"], signal);

/** As readUnendedJobs: those that a head has begun. */
export const readRunningJobs = (table: ClusterTable, signal: AbortSignal): Promise<readonly string[]> =>
  readJobs(table, ["INPROGRESS"], signal);

async function readJobs(
  { client, TableName, clusterUuid }: ClusterTable,
  statuses: readonly JobStatus[],
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const values = Object.fromEntries(statuses.map((status) => [`:${status}`, status]));
  const query = {
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
    FilterExpression: `#status IN (${Object.keys(values).join(", ")})`,
    ProjectionExpression: "#sk",
    ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY, "#status": "status" },
    ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":jobs": jobSk(""), ...values },
  };
  const ids: string[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, query, { abortSignal }))
    ids.push(...Items.map((item) => String(item[SORT_KEY]).slice(jobSk("").length)));
  return ids;
}
