import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { isJobEnded } from "../contract/job-state.js";
import {
  clusterPk,
  type JobItem,
  jobSk,
  PARTITION_KEY,
  QUEUE_INDEX,
  SORT_KEY,
} from "../contract/registry.js";
import type { JobChange, JobRegistry } from "../jobs/ports.js";
import { type ClusterTable, isWritten, setExpression, withoutKeys } from "./table.js";

const CALL_TIMEOUT_MS = 10_000;

/** The cluster's jobs in DynamoDB. Each call is bounded by 10 s; a condition that fails is an answer, other errors throw. */
export function createJobRegistry(table: ClusterTable): JobRegistry {
  const { client, TableName, clusterUuid } = table;
  const keyOf = (jobId: string) => ({ [PARTITION_KEY]: clusterPk(clusterUuid), [SORT_KEY]: jobSk(jobId) });
  const bounded = () => ({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

  async function queue(): Promise<JobItem[]> {
    const pages = paginateQuery(
      { client },
      {
        TableName,
        IndexName: QUEUE_INDEX.name,
        KeyConditionExpression: "#queue = :queue",
        ExpressionAttributeNames: { "#queue": QUEUE_INDEX.hashKey },
        ExpressionAttributeValues: { ":queue": clusterPk(clusterUuid) },
      },
      bounded(),
    );
    const jobs: JobItem[] = [];
    for await (const page of pages) jobs.push(...(page.Items ?? []).map(toJob));
    return jobs;
  }

  async function read(jobId: string): Promise<JobItem | null> {
    const command = new GetCommand({ TableName, Key: keyOf(jobId), ConsistentRead: true });
    const { Item } = await client.send(command, bounded());
    return Item === undefined ? null : toJob(Item);
  }

  async function claim(jobId: string, generation: number): Promise<JobItem | null> {
    const changes = { status: "INPROGRESS", leaseGeneration: generation };
    const isFree = "#status = :new OR (#status = :status AND #leaseGeneration <= :leaseGeneration)";
    const update = setExpression(changes, isFree, { new: "NEW" });
    const command = new UpdateCommand({ TableName, Key: keyOf(jobId), ...update, ReturnValues: "ALL_NEW" });
    try {
      const { Attributes } = await client.send(command, bounded());
      return Attributes === undefined ? null : toJob(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return null;
      throw error;
    }
  }

  return {
    queue,
    read,
    claim,
    update: (jobId, generation, change) =>
      isWritten(
        client.send(
          new UpdateCommand({ TableName, Key: keyOf(jobId), ...changeExpression(change, generation) }),
          bounded(),
        ),
      ),
  };
}

/** The change under the generation's condition. A job that ends leaves the queue in the same write. */
function changeExpression(change: JobChange, generation: number) {
  const leaves = change.status !== undefined && isJobEnded(change.status);
  const update = setExpression(
    change,
    "#status = :inProgress AND #leaseGeneration = :generation",
    { inProgress: "INPROGRESS", generation },
    ["status", "leaseGeneration", ...(leaves ? [QUEUE_INDEX.hashKey] : [])],
  );
  const UpdateExpression = `${update.UpdateExpression}${leaves ? ` REMOVE #${QUEUE_INDEX.hashKey}` : ""}`;
  return { ...update, UpdateExpression };
}

/** The item as the contract has it, without the table's keys. */
function toJob(item: Record<string, unknown>): JobItem {
  const { [QUEUE_INDEX.hashKey]: _queue, ...job } = withoutKeys<JobItem & Record<string, unknown>>(item);
  return job as JobItem;
}
