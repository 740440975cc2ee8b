import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { isClosed } from "../contract/cluster-state.js";
import { IDEMPOTENCY_HEADER, JobReply, type JobRequest } from "../contract/http.js";
import { isSameRequest, newJob } from "../contract/job.js";
import { jobBytesProblem } from "../contract/job-command.js";
import { requestProblems, shownJobProblem } from "../contract/job-problems.js";
import { JOB_LIMITS } from "../contract/job-request.js";
import { isJobEnded } from "../contract/job-state.js";
import { shownValue } from "../contract/problems.js";
import { type Because, CANCELLED_ON_REQUEST, type JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem, JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import { type Nudge, nudgeOf } from "../jobs/nudge.js";

/** The writes of submitters; any node may do them, and the head finds the jobs in the queue. */
export interface JobSubmissions {
  /** Writes a new job; false if one with that id exists. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that no head has claimed; false where it is no longer NEW. */
  cancelQueued(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Asks the head to end a running job; false where it does not run. May run twice. */
  requestCancel(jobId: string): Promise<boolean>;
}

/** What the job routes need from the agent. */
export interface JobRoutesDeps {
  readonly clusterUuid: string;
  readonly submissions: JobSubmissions;
  readJob(jobId: string): Promise<JobItem | null>;
  /** The cluster; where it takes jobs, as it was moments ago. */
  readCluster(): Promise<ClusterItem | null>;
  /** Called when a job has come or is to end: on any node, for it reaches the head. Cheap; bounded by itself. */
  nudge(nudge: Nudge): void;
  now(): Date;
}

const SubmitHeaders = Type.Object({
  [IDEMPOTENCY_HEADER]: Type.String({ minLength: 1, maxLength: JOB_LIMITS.idempotencyKeyCharacters }),
});
const JobParams = Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }) });

/** POST /v1/jobs, GET /v1/jobs/:id, POST /v1/jobs/:id/cancel: on any node, because they need only the registry. */
export function addJobRoutes(app: FastifyInstance, deps: JobRoutesDeps): void {
  app.post<{ Body: JobRequest; Headers: Static<typeof SubmitHeaders> }>(
    "/v1/jobs",
    // The body's schema is one of the rules that `submit` checks.
    { schema: { headers: SubmitHeaders, response: { 200: JobReply, 201: JobReply } } },
    async (request, reply) => {
      const { job, isNew } = await submit(deps, request.headers[IDEMPOTENCY_HEADER] ?? "", request.body);
      if (isNew) deps.nudge(nudgeOf(job));
      return reply.code(isNew ? 201 : 200).send(job);
    },
  );
  app.get<{ Params: Static<typeof JobParams> }>(
    "/v1/jobs/:id",
    { schema: { params: JobParams, response: { 200: JobReply } } },
    async (request) => readJob(deps, request.params.id),
  );
  app.post<{ Params: Static<typeof JobParams> }>(
    "/v1/jobs/:id/cancel",
    { schema: { params: JobParams, response: { 200: JobReply, 202: JobReply } } },
    async (request, reply) => {
      const job = await cancel(deps, request.params.id);
      deps.nudge({ jobId: job.id });
      return reply.code(isJobEnded(job.status) ? 200 : 202).send(job);
    },
  );
}

async function submit(
  deps: JobRoutesDeps,
  idempotencyKey: string,
  request: JobRequest,
): Promise<{ job: JobItem; isNew: boolean }> {
  const problems = requestProblems(request);
  if (problems.length > 0) throw new AgentError("request-invalid", problems.join("; "));
  const job = newJob(deps.clusterUuid, idempotencyKey, request, deps.now());
  const tooLarge = jobBytesProblem({ ...job });
  if (tooLarge !== null) throw new AgentError("body-too-large", `the job ${tooLarge}`);

  const meta = await deps.readCluster();
  const isOpen = meta !== null && !isClosed(meta);
  // Where the key has a job already the write changes nothing: most keys are new, and need no read before.
  if (isOpen && (await deps.submissions.submit(job))) return { job, isNew: true };
  const first = await findJob(deps, job.id);
  if (first === null) {
    if (isOpen) throw new AgentError("job-not-found", job.id);
    throw new AgentError("cluster-closed", meta?.clusterStatus ?? "REMOVED");
  }
  if (!isSameRequest(first.request, request)) throw new AgentError("idempotency-conflict", first.id);
  return { job: first, isNew: false };
}

async function readJob(deps: JobRoutesDeps, jobId: string): Promise<JobItem> {
  const job = await findJob(deps, jobId);
  if (job === null) throw new AgentError("job-not-found", jobId);
  return job;
}

/** Anyone with write access to the table can put anything in the place of a job. */
async function findJob(deps: JobRoutesDeps, jobId: string): Promise<JobItem | null> {
  const job = await deps.readJob(jobId);
  const problem = job === null ? null : shownJobProblem(job, jobId, deps.clusterUuid);
  if (problem === null) return job;
  const { status, reason } = { ...job };
  throw new AgentError(
    "job-unreadable",
    `${problem}; status ${shownValue(status)}, reason ${shownValue(reason)}`,
  );
}

/** A queued job ends at once, a running one as soon as the head sees the request; an ended one stays as it is. */
async function cancel(deps: JobRoutesDeps, jobId: string): Promise<JobItem> {
  await readJob(deps, jobId);
  if (!(await deps.submissions.cancelQueued(jobId, CANCELLED_ON_REQUEST, deps.now())))
    await deps.submissions.requestCancel(jobId);
  return readJob(deps, jobId);
}
