import { isJobEnded } from "../../../agent/contract/job-state.js";
import { CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { NoSuchJobError, refusal } from "../core/exit.js";
import type { Jobs } from "../core/ports.js";

/**
 * Ends a queued job at once, and asks the head to end a running one: the same conditional writes as the agent's. Returns
 * the job as it is then. Throws if there is no such job, or if it has ended. May run twice.
 */
export async function cancelJob(
  jobs: Pick<Jobs, "read" | "cancelQueued" | "requestCancel">,
  clusterUuid: string,
  jobId: string,
  now: Date,
): Promise<JobItem> {
  const isCancelled =
    (await jobs.cancelQueued(clusterUuid, jobId, CANCELLED_ON_REQUEST, now)) ||
    (await jobs.requestCancel(clusterUuid, jobId));
  const job = await jobs.read(clusterUuid, jobId);
  if (job === null) throw noSuchJob(jobId, clusterUuid);
  if (isCancelled || !isJobEnded(job.status)) return job;
  throw refusal(
    `Job ${jobId} is ${job.status} since ${job.endedAt ?? "a time that is not recorded"}: there is nothing to cancel.`,
  );
}

/** A sentence about a cancel's result. `flags`: options for further commands on the same place. */
export const renderCancelled = ({ id, status }: Pick<JobItem, "id" | "status">, flags: string): string =>
  status === "CANCELLED"
    ? `job ${id} is CANCELLED`
    : `job ${id} was asked to stop, and the head node stops it; wait for its end with \`muster job wait ${id}${flags}\``;

/** The error for a job that is not in the registry. */
export const noSuchJob = (jobId: string, clusterUuid: string): Error =>
  new NoSuchJobError(`Cluster ${clusterUuid} has no job ${jobId}; \`muster job list\` lists its jobs.`);
