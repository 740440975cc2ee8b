import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { pMapIterable } from "p-map";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { withoutKeys } from "../../../agent/aws/table.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import { DEFINITION_STATE_ATTRIBUTES, JOB_STATE_ATTRIBUTES } from "../../../agent/contract/job-attributes.js";
import { definitionKey } from "../../../agent/contract/job-definition.js";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import {
  attemptSkPrefix,
  clusterPk,
  definitionSk,
  jobSk,
  PARTITION_KEY,
  QUEUE_INDEX,
  SORT_KEY,
  scheduleSk,
} from "../../../agent/contract/keys.js";
import { wakeForJob } from "../../../agent/contract/park.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { byText } from "../../../agent/contract/text-order.js";
import type { DefinitionSummary, JobState, JobSummary, Jobs, ListWanted } from "../core/ports.js";
import type { Nudges } from "./agents.js";
import { createFirst } from "./first.js";
import type { Parking } from "./parking.js";
import { streamed } from "./streamed.js";
import type { OrgTable } from "./table.js";

/** Of a list up to this length the jobs themselves are held until all are seen, of a longer one their keys: it reads each job once more. */
const MOST_HELD = 500;
const READS_AT_ONCE = { concurrency: 16 } as const;

const keyOf = (clusterUuid: string, jobId: string) => ({
  [PARTITION_KEY]: clusterPk(clusterUuid),
  [SORT_KEY]: jobSk(jobId),
});

/** What a list's order and choice depend on. */
type JobKey = Pick<JobItem, "id" | "submittedAt" | "status">;
const KEY = ["id", "submittedAt", "status"] as const satisfies readonly (keyof JobKey)[];
const byNewest = (a: JobKey, b: JobKey): number => byText(b.submittedAt, a.submittedAt);

/** A placeholder for each name: many attributes are reserved words of DynamoDB. */
function projection(names: readonly string[], more: readonly string[] = []) {
  const top = [...names, ...more.map((path) => path.split("."))].flat();
  return {
    ProjectionExpression: [
      ...names.map((name) => `#${name}`),
      ...more.map((path) => `#${path.replace(".", ".#")}`),
    ].join(", "),
    ExpressionAttributeNames: Object.fromEntries(top.map((name) => [`#${name}`, name])),
  };
}

/** A job's summary. */
const SUMMARY = projection(JOB_STATE_ATTRIBUTES, ["request.command", "request.retries"]);

/** A cluster's jobs in the registry. Only this version's contract writes them, so the items' shape is known. */
export function registryJobs(
  { client, TableName, aborting, call }: OrgTable,
  nudges: Nudges,
  parking: Pick<Parking, "of">,
): Jobs {
  const submissions = (clusterUuid: string) => createJobSubmissions({ client, TableName, clusterUuid });

  async function get<T extends object>(Key: Record<string, string>, only = {}): Promise<T | null> {
    const command = new GetCommand({ TableName, Key, ConsistentRead: true, ...only });
    const { Item } = await client.send(command, aborting);
    if (Item === undefined) return null;
    const { [QUEUE_INDEX.hashKey]: _queue, ...rest } = withoutKeys<Record<string, unknown>>(Item);
    return rest as T;
  }

  /** The cluster's items with sort keys that begin so, of each the named attributes; undefined: all. In the order of their keys. */
  async function* itemsOf<T>(
    uuid: string,
    prefix: string,
    only?: ReturnType<typeof projection>,
  ): AsyncGenerator<T> {
    const input = {
      ...{ TableName, ...only, ConsistentRead: true },
      KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
      ExpressionAttributeNames: { ...only?.ExpressionAttributeNames, "#pk": PARTITION_KEY, "#sk": SORT_KEY },
      ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":prefix": prefix },
    };
    for await (const { Items = [] } of paginateQuery({ client }, input, aborting)) yield* Items as T[];
  }

  /** The newest jobs of all: the first `count`, as far as they go by `only`. */
  async function newest<T extends JobKey>(
    uuid: string,
    only: ReturnType<typeof projection>,
    { status, limit }: ListWanted,
  ): Promise<readonly T[]> {
    const first = createFirst<T>(limit + 1, byNewest);
    for await (const job of itemsOf<T>(uuid, jobSk(""), only))
      if (status === undefined || job.status === status) first.add([job]);
    return first.all();
  }

  async function* listed(uuid: string, wanted: ListWanted): AsyncGenerator<JobSummary> {
    if (wanted.limit <= MOST_HELD) {
      yield* await newest<JobSummary>(uuid, SUMMARY, wanted);
      return;
    }
    const keys = await newest<JobKey>(uuid, projection(KEY), wanted);
    const read = ({ id }: JobKey) => get<JobSummary>(keyOf(uuid, id), SUMMARY);
    for await (const job of pMapIterable(keys, read, READS_AT_ONCE)) if (job !== null) yield job;
  }

  return {
    approach: nudges.approach,
    approached: nudges.approached,
    offer: nudges.offer,
    submit: (job) =>
      call(`submit job ${job.id} to cluster ${job.clusterUuid}`, () =>
        nudges.after(job, () => submissions(job.clusterUuid).submit(job)),
      ),
    read: (uuid, id) => call(`read job ${id}`, () => get<JobItem>(keyOf(uuid, id))),
    observe: (uuid, id) =>
      call(`read job ${id}`, () => get<JobState>(keyOf(uuid, id), projection(JOB_STATE_ATTRIBUTES))),
    attempts: (uuid, id) =>
      call(`list the attempts of job ${id}`, async () => {
        const records = await Array.fromAsync(itemsOf<Record<string, unknown>>(uuid, attemptSkPrefix(id)));
        return records.map((record) => withoutKeys<AttemptItem>(record)).sort((a, b) => a.number - b.number);
      }),
    summary: (uuid, id) => call(`read job ${id}`, () => get<JobSummary>(keyOf(uuid, id), SUMMARY)),
    definition: (uuid, name) =>
      call(`read job definition ${name}`, () => get<JobDefinitionItem>(definitionKey(uuid, name))),
    schedules: (uuid) =>
      call(`list the schedules of cluster ${uuid}`, async () => {
        const items = await Array.fromAsync(itemsOf<Record<string, unknown>>(uuid, scheduleSk("")));
        return items.map((item) => withoutKeys<ScheduleItem>(item));
      }),
    definitions: (uuid) =>
      streamed(
        call,
        `list the job definitions of cluster ${uuid}`,
        itemsOf<DefinitionSummary>(
          uuid,
          definitionSk(""),
          projection(DEFINITION_STATE_ATTRIBUTES, ["request.command"]),
        ),
      ),
    each: (uuid) =>
      streamed(call, `list the jobs of cluster ${uuid}`, itemsOf<JobSummary>(uuid, jobSk(""), SUMMARY)),
    list: (uuid, wanted) => streamed(call, `list the jobs of cluster ${uuid}`, listed(uuid, wanted)),
    queue: (uuid) => call(`read the queue of cluster ${uuid}`, () => submissions(uuid).queue()),
    refuse: (job, why, now) =>
      call(`refuse job ${job.id}`, () => submissions(job.clusterUuid).refuse(job, why, now)),
    wake: (job) => wakeForJob(parking.of(job.clusterUuid), job, () => new Date()),
    cancelQueued: (uuid, id, why, now) =>
      call(`cancel job ${id}`, () => submissions(uuid).cancelQueued(id, why, now)),
    requestCancel: (uuid, id) =>
      call(`cancel job ${id}`, () =>
        nudges.after({ clusterUuid: uuid, id }, () => submissions(uuid).requestCancel(id)),
      ),
  };
}
