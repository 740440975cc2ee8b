import { revisionJobId, runOf } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { degradation, describeWait, queueAhead } from "../../../agent/contract/job-wait.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { DiagnosticError, failure } from "../../core/diagnostic.js";
import { PollTimeoutError } from "../../core/poll.js";
import type { MusterClient } from "../ports.js";
import type { JobContext } from "./context.js";
import { closedBecause, latestRun } from "./decide.js";
import { renderFailedRun, renderUnendedRun } from "./diagnosis.js";

const LOOK_EVERY_MS = 1000;

/** The run of the definition's revision: apply's own, else the latest by hand; null: it was never run. */
export async function observeRun(
  { jobs }: MusterClient,
  definition: JobDefinitionItem,
): Promise<JobItem | null> {
  const { clusterUuid } = definition;
  const own = await jobs.read(clusterUuid, revisionJobId(definition));
  return own ?? latestRun(await jobs.list(clusterUuid), definition);
}

/** Submits the revision's own run. The same revision twice is one job. */
export async function submitRun(
  definition: JobDefinitionItem,
  { client, clock }: JobContext,
): Promise<JobItem> {
  const job = runOf(definition, clock.now());
  if (await client.jobs.submit(job)) return job;
  const found = await client.jobs.read(job.clusterUuid, job.id);
  if (found !== null) return found;
  throw failure(
    `Job ${definition.name} vanished while it was submitted`,
    `Cluster ${job.clusterUuid} is probably being removed. Plan again.`,
  );
}

/** Waits until the job is FINISHED, and returns it. Throws what a person needs where it ends otherwise, or not in time. */
export async function followRun(
  { name, clusterUuid }: JobDefinitionItem,
  jobId: string,
  timeoutMs: number,
  { client, poll, warn }: JobContext,
): Promise<JobItem> {
  const observe = async () => {
    const [job, cluster] = await Promise.all([
      client.jobs.read(clusterUuid, jobId),
      client.registry.readCluster(clusterUuid),
    ]);
    return { job, cluster };
  };
  const unended = async (reason: string): Promise<DiagnosticError> => {
    const seen = await observe();
    const ahead =
      seen.job?.status === "NEW" ? queueAhead(await client.jobs.list(clusterUuid), seen.job) : null;
    return new DiagnosticError([renderUnendedRun({ clusterUuid, name }, { ...seen, ahead, reason })]);
  };
  let degraded: string | null = null;
  const what = `run ${jobId} of job ${name} to end`;
  const look = async () => {
    const { job, cluster } = await observe();
    if (job !== null && isJobEnded(job.status)) return { done: true, value: job } as const;
    const closed = closedBecause(cluster);
    if (job === null || closed !== null) {
      throw await unended(`Nothing will run it any more: ${closed ?? "somebody removed it"}.`);
    }
    if (cluster !== null && job.status === "INPROGRESS") degraded = degradation(cluster);
    return { done: false, progress: describeWait(job, cluster, null) } as const;
  };
  const ended = await poll(what, look, { everyMs: LOOK_EVERY_MS, timeoutMs }).catch(
    async (error: unknown) => {
      throw error instanceof PollTimeoutError ? await unended(error.message) : error;
    },
  );
  if (ended.status !== "FINISHED") throw new DiagnosticError([renderFailedRun({ clusterUuid, name }, ended)]);
  if (degraded !== null)
    warn(`Job ${name} ran on a part of its cluster only`, `Seen while it ran: ${degraded}.`);
  if (ended.reason !== null) warn(`Job ${name} FINISHED, but something is missing`, `${ended.reason}.`);
  return ended;
}
