import { renderLog } from "../../../agent/contract/job.js";
import { type Admitted, admit, wayInto } from "../../../agent/contract/job-admission.js";
import { jobOf, revisionJobId } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { degradation, describeWait, queueAhead } from "../../../agent/contract/job-wait.js";
import { parkedRefusal, wakeForJob } from "../../../agent/contract/park.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { clusterControl } from "../../client/control.js";
import { watchHealth } from "../../client/observed-cluster.js";
import type { Jobs, MusterClient } from "../../client/ports.js";
import { DiagnosticError, errorDiagnostic, failure } from "../../core/diagnostic.js";
import type { JobDefinitionContext } from "./context.js";
import { closedBecause, latestJob } from "./decide.js";
import { renderFailedJob, renderUnendedJob } from "./diagnosis.js";

const LOOK_EVERY_MS = 1000;
/** How long apply waits for the log after the job's end: an unreachable bucket must not make it fail. */
const LOG_WAIT_MS = 60_000;

/** The job of the definition's revision: apply's own, else the latest by hand; null: it was never submitted. */
export async function observeJob(
  { jobs }: MusterClient,
  definition: JobDefinitionItem,
): Promise<JobItem | null> {
  const { clusterUuid } = definition;
  const own = await jobs.read(clusterUuid, revisionJobId(definition));
  if (own !== null) return own;
  const latest = latestJob(await jobs.list(clusterUuid), definition);
  return latest === null ? null : jobs.read(clusterUuid, latest.id);
}

/** One by one: a spread of a lazy port copies nothing. */
const portOf = ({
  queue,
  read,
  submit,
  refuse,
}: Jobs): Pick<Jobs, "queue" | "read" | "submit" | "refuse"> => ({
  ...{ queue, read, submit, refuse },
});

/** Submits the revision's own job. The same revision twice is one job. */
export async function submitRevision(
  definition: JobDefinitionItem,
  { client, clock }: JobDefinitionContext,
): Promise<JobItem> {
  const { jobs } = client;
  const submittedBy = await client.caller();
  const job = jobOf(definition, clock.now(), undefined, { submittedBy });
  const control = clusterControl(client, job.clusterUuid);
  const cluster = await control.readCluster();
  const parked = cluster === null ? null : parkedRefusal(cluster, clock.now());
  if (parked !== null && (await jobs.read(job.clusterUuid, job.id)) === null)
    throw refused(definition, { why: parked, isPut: false });
  const wake = (job: JobItem) => wakeForJob(control, job, clock.now);
  const admitted = await admit(job, wayInto(job.clusterUuid, { ...portOf(jobs), wake }), clock.now);
  switch (admitted.is) {
    case "new":
    case "known":
      return admitted.job;
    case "refused":
      throw refused(definition, admitted);
    case "gone":
      throw failure(
        "job-vanished",
        `The job of definition ${definition.name} vanished while it was submitted`,
        `Cluster ${job.clusterUuid} is probably being removed. Plan again.`,
      );
  }
}

/** The definition is kept, and its job does not run now. */
function refused(
  { name, clusterUuid }: JobDefinitionItem,
  { why, isPut }: Pick<Extract<Admitted, { readonly is: "refused" }>, "why" | "isPut">,
): DiagnosticError {
  const next = isPut
    ? "The job is FAILED; apply again to submit another one."
    : "No job was submitted; apply again to submit it.";
  const detail = `Cluster ${clusterUuid}: ${why.reason}. The definition is stored. ${next}`;
  const diagnostic = errorDiagnostic("job-not-admitted", `The job of definition ${name} was refused`, detail);
  return new DiagnosticError([{ ...diagnostic, reasonCode: why.reasonCode }]);
}

/** Waits until the job is FINISHED, and returns it. Throws a diagnostic if it ends otherwise, or not in time. */
export async function awaitJob(
  { name, clusterUuid }: JobDefinitionItem,
  jobId: string,
  timeoutMs: number,
  { client, poll, warn }: JobDefinitionContext,
): Promise<JobItem> {
  const readHealth = watchHealth(client);
  const observe = async () => {
    const [job, cluster] = await Promise.all([client.jobs.read(clusterUuid, jobId), readHealth(clusterUuid)]);
    return { job, cluster };
  };
  const unended = async (reason: string): Promise<DiagnosticError> => {
    const seen = await observe();
    const ahead =
      seen.job?.status === "NEW" ? queueAhead(await client.jobs.list(clusterUuid), seen.job) : null;
    return new DiagnosticError([renderUnendedJob({ clusterUuid, name }, { ...seen, ahead, reason })]);
  };
  let degraded: string | null = null;
  const what = `job ${jobId} of definition ${name} to end`;
  const look = async () => {
    const { job, cluster } = await observe();
    if (job !== null && isJobEnded(job.status)) return { done: true, value: job } as const;
    const closed = closedBecause(cluster);
    if (job === null || closed !== null) {
      throw await unended(`Nothing will run it any more: ${closed ?? "its item was removed"}.`);
    }
    if (cluster !== null && job.status === "INPROGRESS") degraded = degradation(cluster);
    return { done: false, progress: describeWait(job, cluster, null) } as const;
  };
  const ended = await poll(what, look, { everyMs: LOOK_EVERY_MS, timeoutMs }).catch(
    async (error: unknown) => {
      throw error instanceof WaitTimeoutError ? await unended(error.message) : error;
    },
  );
  const finished = await withLog(ended, { client, poll });
  if (finished.status !== "FINISHED")
    throw new DiagnosticError([renderFailedJob({ clusterUuid, name }, finished)]);
  if (degraded !== null)
    warn({
      code: "job-degraded",
      summary: `The job of definition ${name} ran on a part of its cluster only`,
      detail: `Seen while it ran: ${degraded}.`,
    });
  if (finished.logState === "pending" || finished.logState === "lost")
    warn({
      ...{ code: "job-log-missing", reasonCode: finished.logReasonCode },
      summary: `The job of definition ${name} FINISHED without its log`,
      detail: `Its log is ${renderLog(finished)}.`,
    });
  return finished;
}

/** The ended job once its log is delivered, or as it is when the wait for that is over. */
async function withLog(
  ended: JobItem,
  { client, poll }: Pick<JobDefinitionContext, "client" | "poll">,
): Promise<JobItem> {
  let seen = ended;
  const look = async () => {
    seen = (await client.jobs.read(ended.clusterUuid, ended.id)) ?? seen;
    return seen.logState === "pending"
      ? ({ done: false, progress: renderLog(seen) } as const)
      : ({ done: true, value: seen } as const);
  };
  const times = { everyMs: LOOK_EVERY_MS, timeoutMs: LOG_WAIT_MS };
  return poll(`the log of job ${ended.id}`, look, times).catch((error: unknown) => {
    if (error instanceof WaitTimeoutError) return seen;
    throw error;
  });
}
