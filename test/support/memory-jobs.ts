import type { QueuedPlace } from "../../agent/contract/job-admission.js";
import type { AttemptItem } from "../../agent/contract/job-attempt.js";
import { attemptSkPrefix, clusterPk, jobSk, QUEUE_INDEX } from "../../agent/contract/keys.js";
import type { Because, JobReasonCode } from "../../agent/contract/reasons.js";
import type { JobItem } from "../../agent/contract/registry.js";
import { jobWrites } from "../../agent/contract/writes/job.js";
import type { JobRecordsView } from "../../agent/http/job-routes.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";
import { type MemoryItems, type MemoryTable, memoryItems, withoutKeys } from "./memory-table.js";

/** A job as the table has it, but for its keys: one that has not ended is in the queue. */
const queueRecord = (job: JobItem): Record<string, unknown> =>
  job.status === "NEW" || job.status === "INPROGRESS"
    ? { [QUEUE_INDEX.hashKey]: clusterPk(job.clusterUuid) }
    : {};

/** The jobs of the tests' cluster in memory. */
export const memoryJobItems = (table: MemoryTable): MemoryItems<JobItem> =>
  memoryItems<JobItem>(table, jobSk, queueRecord);

/** The jobs that have not ended, the oldest first. */
const placesIn = (table: MemoryTable): readonly QueuedPlace[] =>
  memoryJobItems(table)
    .values()
    .filter(({ status }) => status === "NEW" || status === "INPROGRESS")
    .map(({ id, status, submittedAt }) => ({ id, status, submittedAt }))
    .sort((a, b) => a.submittedAt.localeCompare(b.submittedAt));

/** What submitters write of them, by the contract's writes. */
export function memorySubmissions(table: MemoryTable) {
  const placeOf = (id: string) => ({ clusterUuid: CLUSTER_UUID, id });
  return {
    submit: async (job: JobItem) => table.perform(jobWrites.submit(job)),
    queue: async () => placesIn(table),
    refuse: async (job: JobItem, why: Because<JobReasonCode>, at: Date) =>
      table.perform(jobWrites.refuse(job, why, at)),
    cancelQueued: async (id: string, why: Because<JobReasonCode>, at: Date) =>
      table.perform(jobWrites.cancelQueued(placeOf(id), why, at)),
    requestCancel: async (id: string) => table.perform(jobWrites.requestCancel(placeOf(id))),
  };
}

/** What is read of them for people. */
export const memoryJobsView = (table: MemoryTable): JobRecordsView => ({
  async list({ status, limit }) {
    const wanted = memoryJobItems(table)
      .values()
      .filter((job) => status === null || job.status === status)
      .sort((a, b) => b.submittedAt.localeCompare(a.submittedAt));
    return { jobs: wanted.slice(0, limit), isWhole: wanted.length <= limit };
  },
  attempts: async (jobId) =>
    table
      .query(clusterPk(CLUSTER_UUID), attemptSkPrefix(jobId))
      .map((item) => withoutKeys<AttemptItem>(item)),
});
