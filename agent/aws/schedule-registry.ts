import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { ScheduleItem } from "../contract/job-schedule-state.js";
import { isJobEnded } from "../contract/job-state.js";
import { schemaProblems } from "../contract/problems.js";
import {
  type ClusterItem,
  clusterPk,
  definitionSk,
  type JobDefinitionItem,
  type JobItem,
  jobSk,
  META_SK,
  PARTITION_KEY,
  partitionKeyed,
  SORT_KEY,
  scheduleSk,
} from "../contract/registry.js";
import { jobWrites } from "../contract/writes/job.js";
import { scheduleWrites } from "../contract/writes/schedule.js";
import { isUnreadable } from "../jobs/ports.js";
import type { PendingJob, ScheduledDefinition, ScheduleRegistry } from "../schedules/ports.js";
import { readQueue } from "./job-queue.js";
import { type ClusterTable, perform, transact, withoutKeys } from "./table.js";

const CALL_TIMEOUT_MS = 10_000;
const READS_AT_ONCE = 16;
/** Of a definition, all but what it runs. */
const TIMED = ["id", "clusterUuid", "name", "schedule", "updatedAt"] as const;
/** Of a job, what says whose it is and whether it has ended. */
const OWNED = ["id", "status", "definition"] as const;

type Projection = Partial<ReturnType<typeof projection>>;
const projection = (names: readonly string[]) => ({
  ProjectionExpression: names.map((name) => `#${name}`).join(", "),
  ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
});

/** The cluster's schedules in DynamoDB. Each call takes at most 10 s; a failed condition is an answer, other errors throw. */
export function createScheduleRegistry(table: ClusterTable): ScheduleRegistry {
  const { client, TableName, clusterUuid } = table;
  const bounded = () => ({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
  const placeOf = (id: string) => ({ clusterUuid, id });
  /** By the id of a job in the queue: its definition's id, which never changes. */
  let owners = new Map<string, string | null>();

  async function get<T extends object>(sortKey: string, only: Projection = {}): Promise<T | null> {
    const Key = partitionKeyed(clusterUuid, sortKey);
    const command = new GetCommand({ TableName, Key, ConsistentRead: true, ...only });
    const { Item } = await client.send(command, bounded());
    return Item === undefined ? null : withoutKeys<T>(Item);
  }

  async function query(prefix: string, only: Projection = {}, ConsistentRead = false) {
    const { ExpressionAttributeNames: names, ...rest } = only;
    const input = {
      ...{ TableName, ConsistentRead },
      KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
      ExpressionAttributeNames: { ...names, "#pk": PARTITION_KEY, "#sk": SORT_KEY },
      ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":prefix": prefix },
      ...rest,
    };
    const items: Record<string, unknown>[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, input, bounded())) items.push(...Items);
    return items.map((item) => withoutKeys<Record<string, unknown>>(item));
  }

  async function pendingJob(id: string, definitionId: string): Promise<readonly PendingJob[]> {
    const job = await get<Pick<JobItem, (typeof OWNED)[number]>>(jobSk(id), projection(OWNED));
    owners.set(id, job?.definition?.id ?? null);
    if (job === null || job.definition?.id !== definitionId || isJobEnded(job.status)) return [];
    return [{ id, status: job.status }];
  }

  return {
    definitions: async () => (await query(definitionSk(""), projection(TIMED))).filter(isScheduledDefinition),
    definition: (name) => get<JobDefinitionItem>(definitionSk(name)),
    schedules: async () => (await query(scheduleSk(""), {}, true)).filter(isScheduleItem),
    cluster: () => get<ClusterItem>(META_SK),
    async pendingJobs(definitionId, lastJobId) {
      const queue = await readQueue(table, AbortSignal.timeout(CALL_TIMEOUT_MS));
      const ids = new Set(queue.flatMap((entry) => (isUnreadable(entry) ? [] : [entry.id])));
      owners = new Map([...owners].filter(([id]) => ids.has(id)));
      const mayBeIts = [...ids].filter((id) => !owners.has(id) || owners.get(id) === definitionId);
      const looked = new Set([...mayBeIts, ...(lastJobId === null ? [] : [lastJobId])]);
      const jobs = await pMap(looked, (id) => pendingJob(id, definitionId), { concurrency: READS_AT_ONCE });
      const waiting = queue.filter((entry) => !isUnreadable(entry) && entry.status === "NEW").length;
      return { jobs: jobs.flat(), waiting };
    },
    hasJob: async (jobId) => (await get(jobSk(jobId), projection(["id"]))) !== null,
    begin: (schedule) => perform(table, scheduleWrites.begin(schedule), bounded()),
    advance: (schedule, generation, change) =>
      perform(table, scheduleWrites.advance(schedule, generation, change), bounded()),
    submit: (job, schedule, generation, change) =>
      transact(
        table,
        [jobWrites.submit(job), scheduleWrites.advance(schedule, generation, change)],
        bounded(),
      ),
    forget: (schedule, generation) => perform(table, scheduleWrites.forget(schedule, generation), bounded()),
    cancelQueued: (jobId, why, now) =>
      perform(table, jobWrites.cancelQueued(placeOf(jobId), why, now), bounded()),
    requestCancel: (jobId, why) => perform(table, jobWrites.requestCancel(placeOf(jobId), why), bounded()),
  };
}

const isScheduledDefinition = (item: object): item is ScheduledDefinition => {
  const { schedule, ...texts } = item as Record<(typeof TIMED)[number], unknown>;
  const names = TIMED.filter((name) => name !== "schedule");
  return (
    typeof schedule === "object" &&
    schedule !== null &&
    names.every((name) => typeof texts[name] === "string")
  );
};

/** One that was written by hand, or by another version, is seen as for the first time. */
const isScheduleItem = (item: object): item is ScheduleItem =>
  schemaProblems(ScheduleItem, item).next().done === true &&
  !Number.isNaN(Date.parse((item as ScheduleItem).scheduledThrough));
