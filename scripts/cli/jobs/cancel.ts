import { isJobEnded } from "../../../agent/contract/job-state.js";
import { CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { NoSuchJobError, refusal } from "../core/exit.js";
import type { Jobs } from "../core/ports.js";

/**
 * Ends a queued job at once, and asks the head to end a running one: the same conditional writes as the agent's. Gives the
 * job as it is then. Throws where there is no such job, or where it has ended. May run twice.
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

/** A sentence of what a cancel came to. `flags`: what a further command needs for the same place. */
export const renderCancelled = ({ id, status }: Pick<JobItem, "id" | "status">, flags: string): string =>
  status === "CANCELLED"
    ? `job ${id} is CANCELLED`
    : `job ${id} is asked to end, and the head node ends it; see it end with \`muster job wait ${id}${flags}\``;

/** The error where the registry has no such job. */
export const noSuchJob = (jobId: string, clusterUuid: string): Error =>
  new NoSuchJobError(`Cluster ${clusterUuid} has no job ${jobId}; \`muster job list\` lists its jobs.`);
