import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import {
  AttemptsReply,
  IDEMPOTENCY_HEADER,
  type JobListing,
  type JobListQuery,
  JobListReply,
  JobReply,
  readListQuery,
} from "../contract/http.js";
import type { AttemptItem } from "../contract/job-attempt.js";
import { shownJobProblem } from "../contract/job-problems.js";
import { JOB_LIMITS } from "../contract/job-request.js";
import { isJobEnded } from "../contract/job-state.js";
import type { Offered } from "../contract/offer.js";
import { listProblems, shownValue } from "../contract/problems.js";
import { type Because, CANCELLED_ON_REQUEST, type JobReasonCode } from "../contract/reasons.js";
import type { ClusterItem, JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import { type Nudge, nudgeOf } from "../jobs/nudge.js";
import type { Clock } from "../time/clock.js";
import { recentOfEach } from "../time/recent-of-each.js";
import { createJobAnswers } from "./job-answers.js";
import { type JobEntry, type SubmitDeps, submitOverHttp } from "./job-submit.js";

/** The writes of submitters; any node may do them, and the head finds the jobs in the queue. */
export interface JobSubmissions extends JobEntry {
  /** Ends a job that no head has claimed; false where it is no longer NEW. */
  cancelQueued(jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Asks the head to end a running job; false where it does not run. May run twice. */
  requestCancel(jobId: string): Promise<boolean>;
}

/** What is read of a cluster's jobs for people. Each read is bounded. */
export interface JobRecordsView {
  /** The latest submitted first. `isWhole`: no other job fits. */
  list(wanted: JobListQuery): Promise<{ readonly jobs: readonly JobListing[]; readonly isWhole: boolean }>;
  /** The job's attempts, the first one first. */
  attempts(jobId: string): Promise<readonly AttemptItem[]>;
}

/** What the job routes need from the agent. */
export interface JobRoutesDeps {
  readonly clusterUuid: string;
  readonly submissions: JobSubmissions;
  /** Gives a parked cluster its nodes back, for a job that was put. */
  readonly wake: SubmitDeps["wake"];
  readonly view: JobRecordsView;
  readJob(jobId: string): Promise<JobItem | null>;
  /** The cluster; where it takes jobs, as it was moments ago. */
  readCluster(): Promise<ClusterItem | null>;
  /** Has the head start a new job at once, if it can: then it is in the registry. Null: it is to be submitted. */
  startNow(job: JobItem): Promise<Offered>;
  /** Called when a job has come or is to end: on any node, for it reaches the head. Cheap; bounded by itself. */
  nudge(nudge: Nudge): void;
  /** Who submits, in place of the token's role. */
  readonly submitter?: string;
  now(): Date;
  readonly clock: Pick<Clock, "monotonicMs">;
}

const SubmitHeaders = Type.Object({
  [IDEMPOTENCY_HEADER]: Type.String({ minLength: 1, maxLength: JOB_LIMITS.idempotencyKeyCharacters }),
});
/** As fastify has it for an object. */
const JSON_TYPE = "application/json; charset=utf-8";
const JobParams = Type.Object({ id: Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }) });

/** The job routes: on any node, because they need only the registry. */
export function addJobRoutes(app: FastifyInstance, deps: JobRoutesDeps): void {
  const answers = createJobAnswers({ read: (jobId) => readJob(deps, jobId), clock: deps.clock });
  const submitting: SubmitDeps = {
    ...deps,
    submissions: { ...deps.submissions, submit: (job) => submitAndNudge(job, deps) },
    findJob: (jobId) => findJob(deps, jobId),
  };
  app.post<{ Headers: Static<typeof SubmitHeaders> }>(
    "/v1/jobs",
    // The body's schema is one of the rules that `submitOverHttp` checks.
    { schema: { headers: SubmitHeaders, response: { 200: JobReply, 201: JobReply } } },
    async ({ headers, body, role }, reply) => {
      const idempotencyKey = headers[IDEMPOTENCY_HEADER] ?? "";
      const { job, isNew } = await submitOverHttp({ idempotencyKey, body, role }, submitting);
      answers.forget(job.id);
      if (isNew && job.status === "NEW" && !startsAtOnce(job)) deps.nudge(nudgeOf(job));
      return reply.code(isNew ? 201 : 200).send(job);
    },
  );
  app.get<{ Params: Static<typeof JobParams> }>(
    "/v1/jobs/:id",
    { schema: { params: JobParams, response: { 200: JobReply } } },
    ({ params: { id } }, reply) => {
      reply.type(JSON_TYPE);
      return answers.known(id) ?? answers.read(id, (job) => reply.serialize(job) as string);
    },
  );
  app.post<{ Params: Static<typeof JobParams> }>(
    "/v1/jobs/:id/cancel",
    { schema: { params: JobParams, response: { 200: JobReply, 202: JobReply } } },
    async (request, reply) => {
      const job = await cancel(deps, request.params.id);
      answers.forget(job.id);
      deps.nudge({ jobId: job.id });
      return reply.code(isJobEnded(job.status) ? 200 : 202).send(job);
    },
  );
  addListRoutes(app, deps);
}

function addListRoutes(app: FastifyInstance, deps: JobRoutesDeps): void {
  const readAttempts = async (jobId: string): Promise<readonly AttemptItem[]> => {
    await readJob(deps, jobId);
    return deps.view.attempts(jobId);
  };
  const attemptsOf = recentOfEach(readAttempts, { freshMs: 200, mayServe: () => true, clock: deps.clock });
  app.get<{ Querystring: Readonly<Record<string, string>> }>(
    "/v1/jobs",
    { schema: { response: { 200: JobListReply } } },
    async ({ query }) => {
      const wanted = readListQuery(query);
      if ("problems" in wanted)
        throw new AgentError("request-invalid", listProblems(wanted.problems).join("; "));
      const { jobs, isWhole } = await deps.view.list(wanted);
      return { jobs: [...jobs], isWhole };
    },
  );
  app.get<{ Params: Static<typeof JobParams> }>(
    "/v1/jobs/:id/attempts",
    { schema: { params: JobParams, response: { 200: AttemptsReply } } },
    async ({ params }) => ({ attempts: [...(await attemptsOf(params.id))] }),
  );
}
/** A job that may wait starts whatever is looked at after its put. */
const startsAtOnce = ({ request }: JobItem): boolean => request.ifBusy !== "refuse";

async function submitAndNudge(job: JobItem, { submissions, nudge }: JobRoutesDeps): Promise<boolean> {
  const isNew = await submissions.submit(job);
  if (isNew && startsAtOnce(job)) nudge(nudgeOf(job));
  return isNew;
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
