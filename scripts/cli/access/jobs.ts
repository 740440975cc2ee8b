import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { withoutKeys } from "../../../agent/aws/table.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
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
import { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import type { DefinitionSummary, JobState, JobSummary, Jobs } from "../core/ports.js";
import type { Nudges } from "./agents.js";
import { createFirst } from "./first.js";
import type { Parking } from "./parking.js";
import type { OrgTable } from "./table.js";

const keyOf = (clusterUuid: string, jobId: string) => ({
  [PARTITION_KEY]: clusterPk(clusterUuid),
  [SORT_KEY]: jobSk(jobId),
});

/** The attributes of a job but `request`, whose script may be long. */
const STATE = Object.keys(JobItem.properties).filter((name) => name !== "request");

/** The same of a definition; `triggers` may be long too. */
const DEFINITION = Object.keys(JobDefinitionItem.properties).filter(
  (name) => !["request", "triggers"].includes(name),
);

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

  async function query<T>(input: Omit<Parameters<typeof paginateQuery>[1], "TableName">): Promise<T[]> {
    const items: T[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, { TableName, ...input }, aborting))
      items.push(...(Items as T[]));
    return items;
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
    observe: (uuid, id) => call(`read job ${id}`, () => get<JobState>(keyOf(uuid, id), projection(STATE))),
    attempts: (uuid, id) =>
      call(`list the attempts of job ${id}`, async () => {
        const records = await query<Record<string, unknown>>({
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :attempts)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":attempts": attemptSkPrefix(id) },
          ConsistentRead: true,
        });
        return records.map((record) => withoutKeys<AttemptItem>(record)).sort((a, b) => a.number - b.number);
      }),
    definition: (uuid, name) =>
      call(`read job definition ${name}`, () => get<JobDefinitionItem>(definitionKey(uuid, name))),
    schedules: (uuid) =>
      call(`list the schedules of cluster ${uuid}`, async () => {
        const items = await query<Record<string, unknown>>({
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :schedules)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":schedules": scheduleSk("") },
          ConsistentRead: true,
        });
        return items.map((item) => withoutKeys<ScheduleItem>(item));
      }),
    definitions: (uuid) =>
      call(`list the job definitions of cluster ${uuid}`, async () => {
        const { ProjectionExpression, ExpressionAttributeNames } = projection(DEFINITION, [
          "request.command",
        ]);
        const definitions = await query<DefinitionSummary>({
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :definitions)",
          ProjectionExpression,
          ExpressionAttributeNames: { ...ExpressionAttributeNames, "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":definitions": definitionSk("") },
          ConsistentRead: true,
        });
        return definitions.sort((a, b) => a.name.localeCompare(b.name));
      }),
    list: (uuid, { status, limit } = { limit: Number.POSITIVE_INFINITY }) =>
      call(`list the jobs of cluster ${uuid}`, async () => {
        const { ProjectionExpression, ExpressionAttributeNames } = projection(STATE, [
          "request.command",
          "request.retries",
        ]);
        const newest = createFirst<JobSummary>(limit + 1, (a, b) =>
          b.submittedAt.localeCompare(a.submittedAt),
        );
        const input = {
          TableName,
          KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
          ProjectionExpression,
          ExpressionAttributeNames: { ...ExpressionAttributeNames, "#pk": PARTITION_KEY, "#sk": SORT_KEY },
          ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":jobs": jobSk("") },
          ConsistentRead: true,
        };
        for await (const { Items = [] } of paginateQuery({ client }, input, aborting)) {
          const jobs = Items as JobSummary[];
          newest.add(jobs.filter((job) => status === undefined || job.status === status));
        }
        return newest.all();
      }),
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
