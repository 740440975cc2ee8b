import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { placesQuery, type QueuedPlace } from "../contract/job-admission.js";
import { jobWrites } from "../contract/writes/job.js";
import type { JobSubmissions } from "../http/job-routes.js";
import { type ClusterTable, perform } from "./table.js";

/** The port in DynamoDB. */
export function createJobSubmissions(table: ClusterTable): JobSubmissions {
  const { client, TableName, clusterUuid } = table;
  const placeOf = (id: string) => ({ clusterUuid, id });
  return {
    async queue() {
      const { Items = [] } = await client.send(new QueryCommand({ TableName, ...placesQuery(clusterUuid) }));
      return Items as QueuedPlace[];
    },
    submit: (job) => perform(table, jobWrites.submit(job)),
    refuse: (job, why, now) => perform(table, jobWrites.refuse(job, why, now)),
    cancelQueued: (jobId, why, now) => perform(table, jobWrites.cancelQueued(placeOf(jobId), why, now)),
    requestCancel: (jobId) => perform(table, jobWrites.requestCancel(placeOf(jobId))),
  };
}
