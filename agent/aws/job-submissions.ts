import { jobWrites } from "../contract/writes/job.js";
import type { JobSubmissions } from "../http/job-routes.js";
import { type ClusterTable, perform } from "./table.js";

/** The port in DynamoDB. */
export function createJobSubmissions(table: ClusterTable): JobSubmissions {
  const placeOf = (id: string) => ({ clusterUuid: table.clusterUuid, id });
  return {
    submit: (job) => perform(table, jobWrites.submit(job)),
    cancelQueued: (jobId, why, now) => perform(table, jobWrites.cancelQueued(placeOf(jobId), why, now)),
    requestCancel: (jobId) => perform(table, jobWrites.requestCancel(placeOf(jobId))),
  };
}
