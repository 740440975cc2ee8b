import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import pMap from "p-map";
import { describeSchedule, nextSlot, scheduleProblems } from "../../../../agent/contract/job-slots.js";
import { isJobEnded, JOB_STATUSES, type JobStatus } from "../../../../agent/contract/job-state.js";
import { describeWait, queueAhead, withMissing } from "../../../../agent/contract/job-wait.js";
import { UUID_PATTERN } from "../../../../agent/contract/names.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { byText } from "../../../../agent/contract/text-order.js";
import { refuseClosed, refuseParked } from "../../core/clusters.js";
import { refusal } from "../../core/exit.js";
import type { JobSummary } from "../../core/ports.js";
import { cancelJob, noSuchJob } from "../../jobs/cancel.js";
import { planJob, type Runnable, submitJob } from "../../jobs/submit.js";
import { requestFacts } from "../../render/request.js";
import { readAllJobs } from "../all-jobs.js";
import type { DefinitionView, JobDetail, JobPage, JobRow } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { viewJob } from "../views.js";
import { listClusters, readCluster } from "./clusters.js";
import { JobForm, runnableOf } from "./job-form.js";
import { CLUSTER_PARAMS, COUNT, JOB_PARAMS } from "./params.js";

/** Jobs of all clusters are listed where there are so many clusters at most: each list reads a partition. */
const MOST_CLUSTERS = 20;
const LISTS_AT_ONCE = 4;
const PAGE_SIZE = 50;

const Wanted = Type.Object({
  cluster: Type.Optional(Type.String({ pattern: UUID_PATTERN })),
  status: Type.Optional(
    Type.Unsafe<JobStatus>(Type.Union(JOB_STATUSES.map((status) => Type.Literal(status)))),
  ),
  text: Type.Optional(Type.String({ maxLength: 200 })),
  page: Type.Optional(COUNT),
});
const AgainBody = Type.Object({ key: JobForm.properties.key }, { additionalProperties: false });
type JobParams = Static<typeof JOB_PARAMS>;
type ClusterParams = Static<typeof CLUSTER_PARAMS>;

export function addJobRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, world } = deps;
  const jobsOf = (uuid: string) => readAllJobs(deps, uuid);

  app.get<{ Querystring: Static<typeof Wanted> }>(
    "/api/jobs",
    { schema: { querystring: Wanted } },
    async ({ query: { cluster, status, text = "", page = "0" } }): Promise<JobPage> => {
      const clusters = (await listClusters(deps)).filter(
        ({ uuid }) => cluster === undefined || uuid === cluster,
      );
      if (clusters.length > MOST_CLUSTERS)
        throw refusal(
          `The org has ${clusters.length} clusters. Choose one: jobs of all are listed for ${MOST_CLUSTERS} clusters at most.`,
        );
      const lists = await pMap(
        clusters,
        async ({ uuid, name }) => (await jobsOf(uuid)).map((job) => viewJob(job, name)),
        { concurrency: LISTS_AT_ONCE },
      );
      const all = lists.length === 1 ? (lists[0] ?? []) : lists.flat().sort(byNewest);
      return { ...pageOf(all, { status, text, page: Number(page) }), counts: countsOf(all) };
    },
  );
  app.get<{ Params: JobParams }>(
    "/api/jobs/:uuid/:id",
    { schema: { params: JOB_PARAMS } },
    async ({ params: { uuid, id } }): Promise<JobDetail> => {
      const [cluster, found, attempts] = await Promise.all([
        readCluster(deps, uuid),
        access.jobs.read(uuid, id),
        access.jobs.attempts(uuid, id),
      ]);
      if (found === null) throw noSuchJob(id, uuid);
      const { request, ...job } = found;
      return {
        ...{ row: viewJob(found, cluster.name), job, attempts },
        facts: requestFacts(request).flatMap(([name, value]) =>
          value === null ? [] : [[name, value] as const],
        ),
        waits: isJobEnded(job.status)
          ? null
          : describeWait(
              job,
              await withMissing(cluster, access.clusters.nodes),
              job.status === "NEW" ? queueAhead(await access.jobs.queue(uuid), job) : null,
            ),
      };
    },
  );
  app.get<{ Params: ClusterParams }>(
    "/api/definitions/:uuid",
    { schema: { params: CLUSTER_PARAMS } },
    async ({ params: { uuid } }): Promise<readonly DefinitionView[]> => {
      const [definitions, jobs] = await Promise.all([
        Array.fromAsync(access.jobs.definitions(uuid)),
        jobsOf(uuid),
      ]);
      return definitions.map(({ name, revision, run, request, schedule }) => ({
        ...{ name, revision, run, command: request.command.join(" ") },
        schedule: schedule === undefined ? null : describeSchedule(schedule),
        nextSlot:
          schedule === undefined || !scheduleProblems(schedule).next().done
            ? null
            : (nextSlot(schedule, world.now())?.toISOString() ?? null),
        lastJob: lastOf(jobs, name),
      }));
    },
  );
  addSubmitRoutes(app, deps);
}

/** What submits and cancels jobs. */
function addSubmitRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, reads, world } = deps;

  async function submit(uuid: string, what: Runnable, key: string): Promise<JobRow> {
    const [cluster, submittedBy] = await Promise.all([readCluster(deps, uuid), access.account.caller()]);
    refuseClosed(cluster);
    refuseParked(cluster, world.now());
    access.jobs.approach(uuid);
    const planned = await planJob(access.jobs, cluster, what, { key, now: world.now, submittedBy });
    const { job } = await submitJob(access.jobs, planned, world.now);
    reads.forget();
    return viewJob(job, cluster.name);
  }

  app.post<{ Params: ClusterParams; Body: JobForm }>(
    "/api/jobs/:uuid",
    { schema: { params: CLUSTER_PARAMS, body: JobForm } },
    async ({ params: { uuid }, body }) => submit(uuid, runnableOf(body), body.key),
  );
  app.post<{ Params: JobParams; Body: Static<typeof AgainBody> }>(
    "/api/jobs/:uuid/:id/again",
    { schema: { params: JOB_PARAMS, body: AgainBody } },
    async ({ params: { uuid, id }, body: { key } }) => {
      const job = await access.jobs.read(uuid, id);
      if (job === null) throw noSuchJob(id, uuid);
      return submit(uuid, { request: job.request }, key);
    },
  );
  app.post<{ Params: JobParams }>(
    "/api/jobs/:uuid/:id/cancel",
    { schema: { params: JOB_PARAMS } },
    async ({ params: { uuid, id } }): Promise<{ readonly status: JobItem["status"] }> => {
      const { status } = await cancelJob(access.jobs, uuid, id, world.now());
      reads.forget();
      return { status };
    },
  );
}

const byNewest = (a: JobRow, b: JobRow): number => byText(b.submittedAt, a.submittedAt);

/** One page of the jobs that are wanted. Pure. */
function pageOf(
  all: readonly JobRow[],
  {
    status,
    text,
    page,
  }: { readonly status: JobStatus | undefined; readonly text: string; readonly page: number },
): Omit<JobPage, "counts"> {
  const word = text.trim().toLowerCase();
  const wanted = all.filter(
    (job) =>
      (status === undefined || job.status === status) &&
      (word === "" ||
        [job.id, job.name ?? "", job.command].some((field) => field.toLowerCase().includes(word))),
  );
  const last = Math.max(0, Math.ceil(wanted.length / PAGE_SIZE) - 1);
  const shown = Math.min(page, last);
  return {
    jobs: wanted.slice(shown * PAGE_SIZE, (shown + 1) * PAGE_SIZE),
    ...{ total: wanted.length, page: shown, pageSize: PAGE_SIZE },
  };
}

function countsOf(all: readonly JobRow[]): JobPage["counts"] {
  const counts: Record<string, number> = {};
  for (const { status } of all) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** `jobs`: the newest first. */
function lastOf(jobs: readonly JobSummary[], name: string): DefinitionView["lastJob"] {
  const found = jobs.find(({ definition }) => definition?.name === name);
  return found === undefined ? null : { id: found.id, status: found.status };
}
