import { isClosed } from "../contract/cluster-state.js";
import { wordsOf } from "../contract/command-words.js";
import type { JobRequest } from "../contract/http.js";
import { isSameRequest, newJob } from "../contract/job.js";
import {
  type Admission,
  admit,
  keyProblem,
  type QueuedPlace,
  type RefusalCode,
} from "../contract/job-admission.js";
import { jobBytesProblem } from "../contract/job-command.js";
import { requestProblems } from "../contract/job-problems.js";
import type { Offered } from "../contract/offer.js";
import { parkedRefusal } from "../contract/park.js";
import { shownValue } from "../contract/problems.js";
import type { Because } from "../contract/reasons.js";
import type { ClusterItem, JobItem } from "../contract/registry.js";
import type { Role } from "../contract/tokens.js";
import { AgentError, type ErrorCode } from "../errors.js";

/** The writes by which a job enters the registry; any node may do them, and the head finds the jobs in the queue. */
export interface JobEntry {
  /** The jobs that have not ended; may lag behind by moments. */
  queue(): Promise<readonly QueuedPlace[]>;
  /** Writes a new job; false if one with that id exists. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that no head has claimed as FAILED; false where it is no longer NEW. */
  refuse(job: JobItem, why: Because<RefusalCode>, now: Date): Promise<boolean>;
}
/** As Admission's. */
type Wake = Admission["wake"];

/** What a submit needs. */
export interface SubmitDeps {
  readonly clusterUuid: string;
  readonly submissions: JobEntry;
  readonly wake: Wake;
  /** The cluster; where it takes jobs, as it was up to a second ago. */
  readCluster(): Promise<ClusterItem | null>;
  /** The job as it is in the registry, or null. Throws where its item can't be shown. */
  findJob(jobId: string): Promise<JobItem | null>;
  /** Has the head start a new job at once, if it can: then it is in the registry. Null: it is to be submitted. */
  startNow(job: JobItem): Promise<Offered>;
  /** Who submits, in place of the token's role. */
  readonly submitter?: string;
  now(): Date;
}

/** What a client sent. */
interface Submission {
  readonly idempotencyKey: string;
  readonly body: unknown;
  readonly role: Role | null;
}

const REFUSALS = {
  "cluster-busy": "refused-busy",
  "queue-full": "refused-queue-full",
  "cluster-stays-parked": "refused-parked",
  "cluster-budget-spent": "refused-budget",
} as const satisfies Record<RefusalCode, ErrorCode>;

/** Puts the job, or finds the one that the key made before, which must ask for the same. Throws AgentError. May run twice. */
export async function submitOverHttp(
  { idempotencyKey, body, role }: Submission,
  { clusterUuid, submissions, wake, readCluster, findJob, startNow, submitter, now }: SubmitDeps,
): Promise<{ readonly job: JobItem; readonly isNew: boolean }> {
  const request = requestOf(body, keyProblem(idempotencyKey));
  const submittedBy = submitter ?? (role === null ? null : `token:${role}`);
  const job = newJob(clusterUuid, idempotencyKey, request, now(), { submittedBy });
  const tooLarge = jobBytesProblem({ ...job });
  if (tooLarge !== null) throw new AgentError("body-too-large", `the job ${tooLarge}`);

  // A head that starts it knows its cluster, and that nothing waits there.
  const offered = await startNow(job);
  if (offered?.is === "started") {
    // A park may have begun since the head looked: as after any put.
    await wake(offered.job);
    return { job: offered.job, isNew: true };
  }
  // The queue's read takes no longer than the cluster's. Most keys are new: whether one has a job already is not read before.
  const [meta, queue] = await Promise.all([readCluster(), submissions.queue()]);
  const parked = meta === null ? null : parkedRefusal(meta, now());
  if (parked !== null && (await findJob(job.id)) === null)
    throw new AgentError(REFUSALS[parked.reasonCode], parked.reason);
  const entry = { ...submissions, read: findJob, wake };
  const admitted = await (meta === null || isClosed(meta)
    ? found(job, entry)
    : admit(job, entry, now, queue));
  switch (admitted.is) {
    case "new":
      return { job, isNew: true };
    case "gone":
      throw new AgentError("job-not-found", job.id);
    case "closed":
      throw new AgentError("cluster-closed", meta?.clusterStatus ?? "REMOVED");
    case "refused":
      throw new AgentError(REFUSALS[admitted.why.reasonCode], admitted.why.reason);
    case "known":
      if (isSameRequest(admitted.job.request, request)) return { job: admitted.job, isNew: false };
      throw new AgentError("idempotency-conflict", admitted.job.id);
  }
}

/** Of a cluster that takes no new job: the one that the key made before. */
async function found(
  { id }: JobItem,
  { read }: { read(jobId: string): Promise<JobItem | null> },
): Promise<{ readonly is: "known"; readonly job: JobItem } | { readonly is: "closed" }> {
  const job = await read(id);
  return job === null ? { is: "closed" } : { is: "known", job };
}

/** The body as a request, its commands as lists. Throws with every problem. */
function requestOf(body: unknown, badKey: string | null): JobRequest {
  const problems = badKey === null ? [] : [`headers.idempotency-key: it ${badKey}`];
  const command = <T>(holder: T, path: string): T => {
    const text = isRecord(holder) ? holder["command"] : undefined;
    if (typeof text !== "string") return holder;
    const split = wordsOf(text);
    if ("words" in split) return { ...holder, command: split.words };
    problems.push(`${path}: ${shownValue(text)} ${split.problem}`);
    // So that it is one problem only.
    return { ...holder, command: ["-"] };
  };
  const whole = command(body, "command");
  const request =
    isRecord(whole) && isRecord(whole["setup"])
      ? { ...whole, setup: command(whole["setup"], "setup.command") }
      : whole;
  problems.push(...requestProblems(request));
  if (problems.length > 0) throw new AgentError("request-invalid", problems.join("; "));
  return request as JobRequest;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
