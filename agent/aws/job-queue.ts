import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { MAX_WAITING_JOBS } from "../contract/job-admission.js";
import { QUEUE_ATTRIBUTES, type QueuedJob, queuedJobProblem } from "../contract/job-problems.js";
import { clusterPk, jobSk, QUEUE_INDEX, SORT_KEY } from "../contract/registry.js";
import type { QueueEntry } from "../jobs/ports.js";
import type { ClusterTable } from "./table.js";

/** How many entries are read, oldest first: as many as may wait, and the one that runs. Later ones follow in a later look. */
const MAX_ENTRIES = MAX_WAITING_JOBS + 1;

/**
 * The cluster's queue, oldest first. It reads only the attributes that choose the next job, because an item may have 400 KB. An
 * entry that is not a job is returned with its problem, and does not block the others.
 */
export async function readQueue(table: ClusterTable, abortSignal: AbortSignal): Promise<QueueEntry[]> {
  const { client, TableName, clusterUuid } = table;
  const attributes = [SORT_KEY, ...QUEUE_ATTRIBUTES];
  const names = [QUEUE_INDEX.hashKey, ...attributes];
  const entries: QueueEntry[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName,
      IndexName: QUEUE_INDEX.name,
      KeyConditionExpression: `#${QUEUE_INDEX.hashKey} = :queue`,
      ProjectionExpression: attributes.map((name) => `#${name}`).join(", "),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: { ":queue": clusterPk(clusterUuid) },
      Limit: MAX_ENTRIES - entries.length,
      ExclusiveStartKey: from,
    });
    const page = await client.send(command, { abortSignal });
    entries.push(...(page.Items ?? []).map(toEntry));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && entries.length < MAX_ENTRIES);
  return entries;
}

function toEntry({ [SORT_KEY]: key, ...entry }: Record<string, unknown>): QueueEntry {
  const sortKey = String(key);
  const isJobs = sortKey.startsWith(jobSk(""));
  const problem = isJobs ? queuedJobProblem(entry, sortKey.slice(jobSk("").length)) : "its key is no job's";
  return problem === null ? (entry as QueuedJob) : { key: sortKey, problem };
}
