import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { AttemptItem } from "../contract/job-attempt.js";
import { isAttempt, jobItemProblem } from "../contract/job-problems.js";
import { isJobEnded } from "../contract/job-state.js";
import { attemptSk, type JobItem, jobSk, partitionKeyed, QUEUE_INDEX } from "../contract/registry.js";
import { attemptWrites } from "../contract/writes/attempt.js";
import { jobWrites } from "../contract/writes/job.js";
import type { Update } from "../contract/writes/write.js";
import { AgentError } from "../errors.js";
import type { AttemptId, JobRegistry, UnreadableJob } from "../jobs/ports.js";
import { readQueue } from "./job-queue.js";
import { type ClusterTable, perform, performUpdate, withoutKeys } from "./table.js";

const CALL_TIMEOUT_MS = 10_000;

/** The cluster's jobs in DynamoDB. Each call takes at most 10 s; a failed condition is an answer, other errors throw. */
export function createJobRegistry(table: ClusterTable): JobRegistry {
  const { client, TableName, clusterUuid } = table;
  const placeOf = (id: string) => ({ clusterUuid, id });
  const bounded = () => ({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

  async function read(jobId: string): Promise<JobItem | null> {
    const Key = partitionKeyed(clusterUuid, jobSk(jobId));
    const command = new GetCommand({ TableName, Key, ConsistentRead: true });
    try {
      const { Item } = await client.send(command, bounded());
      return Item === undefined ? null : toJob(Item);
    } catch (error) {
      throw isAboutItem(error)
        ? new AgentError("job-unreadable", `${jobId}: ${error.message}`, error)
        : error;
    }
  }

  async function take(jobId: string, write: Update): Promise<JobItem | UnreadableJob | null> {
    const unreadable = (problem: string): UnreadableJob => ({ key: jobSk(jobId), problem });
    try {
      const item = await performUpdate(table, write, bounded());
      if (item === null) return null;
      const problem = jobItemProblem(item, jobId, clusterUuid);
      return problem === null ? toJob(item) : unreadable(problem);
    } catch (error) {
      if (!isAboutItem(error)) throw error;
      return unreadable(`the table can't give it (${error.message})`);
    }
  }

  async function readAttempt({ jobId, attempt }: AttemptId): Promise<AttemptItem | null> {
    const Key = partitionKeyed(clusterUuid, attemptSk(jobId, attempt));
    const command = new GetCommand({ TableName, Key, ConsistentRead: true });
    try {
      const { Item = {} } = await client.send(command, bounded());
      const record = withoutKeys<Record<string, unknown>>(Item);
      return isAttempt(record) ? record : null;
    } catch (error) {
      // Somebody wrote it by hand: it keeps no job from its end.
      if (isAboutItem(error)) return null;
      throw error;
    }
  }

  async function recordAttempt(attempt: AttemptItem): Promise<AttemptItem | null> {
    if (await perform(table, attemptWrites.record(attempt), bounded())) return null;
    const record = await readAttempt({ jobId: attempt.jobId, attempt: attempt.number });
    return record !== null && isJobEnded(record.status) ? record : null;
  }

  return {
    queue: () => readQueue(table, AbortSignal.timeout(CALL_TIMEOUT_MS)),
    read,
    claim: (jobId, generation) => take(jobId, jobWrites.claim(placeOf(jobId), generation)),
    claimPlanned: (jobId, generation, plan) =>
      take(jobId, jobWrites.claimPlanned(placeOf(jobId), generation, plan)),
    async submitClaimed(job, generation, plan) {
      const put = jobWrites.submitClaimed(job, generation, plan);
      return (await perform(table, put, bounded())) ? toJob(put.item) : null;
    },
    setAside: async (key, generation, end) =>
      key.startsWith(jobSk("")) &&
      perform(table, jobWrites.setAside(clusterUuid, key, generation, end), bounded()),
    update: (jobId, generation, change) =>
      perform(table, jobWrites.advance(placeOf(jobId), generation, change), bounded()),
    recordAttempt,
    readAttempt,
    async noteLog({ jobId, attempt: number }, change) {
      await perform(table, jobWrites.noteLog(placeOf(jobId), number, change), bounded());
      return perform(table, attemptWrites.noteLog({ clusterUuid, jobId, number }, change), bounded());
    },
  };
}

/**
 * The SDK's error for an item that it can't decode: a plain Error. All errors of a table that does not answer have a name, a fault
 * or a code.
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
