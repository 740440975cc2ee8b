import { isJobEnded } from "../../../../agent/contract/job-state.js";
import { prefixOfManifest } from "../../../../agent/contract/log-parts.js";
import type { JobLog } from "../../../../agent/contract/registry.js";
import { refusal } from "../../core/exit.js";
import { noSuchJob } from "../../jobs/cancel.js";
import type { RouteDeps } from "../deps.js";
import type { LogPlace } from "../logs/window.js";

/** Where the output of a job's attempt is. `log` null: it is not delivered (yet). */
export interface JobLogPlace extends LogPlace {
  readonly log: JobLog | null;
  readonly attempt: number;
}

/** `attempt` null: the current or last one. Throws where it has no output. */
export async function findLog(
  { access }: Pick<RouteDeps, "access">,
  clusterUuid: string,
  jobId: string,
  attempt: number | null,
): Promise<JobLogPlace> {
  const job = await access.jobs.observe(clusterUuid, jobId);
  if (job === null) throw noSuchJob(jobId, clusterUuid);
  const number = attempt ?? job.attempt;
  const isLast = number === job.attempt;
  const record = isLast
    ? job
    : (await access.jobs.attempts(clusterUuid, jobId)).find((one) => one.number === number);
  if (number === null || record === undefined)
    throw refusal(`Job ${jobId} has no attempt ${attempt ?? "yet"}: it has no output before its launch.`);
  const { logPrefix, log, logState } = record;
  const prefix = logPrefix ?? (log === null ? null : prefixOfManifest(log.uri));
  if (prefix === null)
    throw refusal(`Attempt ${number} of job ${jobId} was not launched, so it has no output.`);
  const isOver = !isLast || isJobEnded(job.status);
  return { prefix, log, attempt: number, isWhole: isOver && logState !== "pending" };
}
