import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { jobItemProblem } from "../contract/job-problems.js";
import { isJobEnded } from "../contract/job-state.js";
import {
  clusterPk,
  type JobItem,
  jobSk,
  PARTITION_KEY,
  QUEUE_INDEX,
  SORT_KEY,
} from "../contract/registry.js";
import { AgentError } from "../errors.js";
import type { JobChange, JobRegistry, UnreadableJob } from "../jobs/ports.js";
import { readQueue } from "./job-queue.js";
import { type ClusterTable, isWritten, setExpression, withoutKeys } from "./table.js";

const CALL_TIMEOUT_MS = 10_000;

/** The cluster's jobs in DynamoDB. Each call is bounded by 10 s; a condition that fails is an answer, other errors throw. */
export function createJobRegistry(table: ClusterTable): JobRegistry {
  const { client, TableName, clusterUuid } = table;
  const keyOf = (sk: string) => ({ [PARTITION_KEY]: clusterPk(clusterUuid), [SORT_KEY]: sk });
  const bounded = () => ({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

  async function read(jobId: string): Promise<JobItem | null> {
    const command = new GetCommand({ TableName, Key: keyOf(jobSk(jobId)), ConsistentRead: true });
    try {
      const { Item } = await client.send(command, bounded());
      return Item === undefined ? null : toJob(Item);
    } catch (error) {
      throw isAboutItem(error)
        ? new AgentError("job_unreadable", `${jobId}: ${error.message}`, error)
        : error;
    }
  }

  async function stamp(jobId: string, generation: number): Promise<Record<string, unknown> | null> {
    const changes = { status: "INPROGRESS", leaseGeneration: generation };
    const isFree = "#status = :new OR (#status = :status AND #leaseGeneration <= :leaseGeneration)";
    const update = setExpression(changes, isFree, { new: "NEW" });
    const Key = keyOf(jobSk(jobId));
    try {
      const command = new UpdateCommand({ TableName, Key, ...update, ReturnValues: "ALL_NEW" });
      return (await client.send(command, bounded())).Attributes ?? null;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return null;
      throw error;
    }
  }

  async function claim(jobId: string, generation: number): Promise<JobItem | UnreadableJob | null> {
    const unreadable = (problem: string): UnreadableJob => ({ key: jobSk(jobId), problem });
    try {
      const item = await stamp(jobId, generation);
      if (item === null) return null;
      const problem = jobItemProblem(item, jobId, clusterUuid);
      return problem === null ? toJob(item) : unreadable(problem);
    } catch (error) {
      if (!isAboutItem(error)) throw error;
      return unreadable(`the table can't give it (${error.message})`);
    }
  }

  return {
    queue: () => readQueue(table, AbortSignal.timeout(CALL_TIMEOUT_MS)),
    read,
    claim,
    async setAside(key, generation, end) {
      if (!key.startsWith(jobSk(""))) return false;
      const update = asideExpression(generation, end);
      return isWritten(client.send(new UpdateCommand({ TableName, Key: keyOf(key), ...update }), bounded()));
    },
    update: (jobId, generation, change) =>
      isWritten(
        client.send(
          new UpdateCommand({
            TableName,
            Key: keyOf(jobSk(jobId)),
            ...changeExpression(change, generation),
          }),
          bounded(),
        ),
      ),
    noteLog(jobId, change) {
      const isPending = setExpression(change, "#logState = :pending", { pending: "pending" });
      return isWritten(
        client.send(new UpdateCommand({ TableName, Key: keyOf(jobSk(jobId)), ...isPending }), bounded()),
      );
    },
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

/** Ends an item of which nothing can be relied on, unless it is a newer head's, or has left the queue. */
function asideExpression(generation: number, end: Pick<JobItem, "reason" | "endedAt">) {
  const queue = QUEUE_INDEX.hashKey;
  const changes = { status: "FAILED", phase: "ended", leaseGeneration: generation, ...end };
  const isNobodys =
    "attribute_not_exists(#leaseGeneration) OR NOT attribute_type(#leaseGeneration, :number) OR #leaseGeneration <= :leaseGeneration";
  const condition = `attribute_exists(#${queue}) AND (${isNobodys})`;
  const update = setExpression(changes, condition, { number: "N" }, [queue]);
  return { ...update, UpdateExpression: `${update.UpdateExpression} REMOVE #${queue}` };
}

/**
 * What the SDK says of an item that it can't decode: a bare Error. Whatever a table that does not answer, or not now, leads to
 * has a name, a fault or a code.
 */
function isAboutItem(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error.name === "ValidationException") return true;
  return error.name === "Error" && !("$fault" in error) && !("code" in error);
}

/** The item as the contract has it, without the table's keys. */
function toJob(item: Record<string, unknown>): JobItem {
  const { [QUEUE_INDEX.hashKey]: _queue, ...job } = withoutKeys<JobItem & Record<string, unknown>>(item);
  return job as JobItem;
}
