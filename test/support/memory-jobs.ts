import { clusterPk, jobSk, QUEUE_INDEX } from "../../agent/contract/keys.js";
import type { Because, JobReasonCode } from "../../agent/contract/reasons.js";
import type { JobItem } from "../../agent/contract/registry.js";
import { jobWrites } from "../../agent/contract/writes/job.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";
import { type MemoryItems, type MemoryTable, memoryItems } from "./memory-table.js";

/** A job as the table has it, but for its keys: one that has not ended is in the queue. */
const queueRecord = (job: JobItem): Record<string, unknown> =>
  job.status === "NEW" || job.status === "INPROGRESS"
    ? { [QUEUE_INDEX.hashKey]: clusterPk(job.clusterUuid) }
    : {};

/** The jobs of the tests' cluster in memory. */
export const memoryJobItems = (table: MemoryTable): MemoryItems<JobItem> =>
  memoryItems<JobItem>(table, jobSk, queueRecord);

/** What submitters write of them, by the contract's writes. */
export function memorySubmissions(table: MemoryTable) {
  const placeOf = (id: string) => ({ clusterUuid: CLUSTER_UUID, id });
  return {
    submit: async (job: JobItem) => table.perform(jobWrites.submit(job)),
    cancelQueued: async (id: string, why: Because<JobReasonCode>, at: Date) =>
      table.perform(jobWrites.cancelQueued(placeOf(id), why, at)),
    requestCancel: async (id: string) => table.perform(jobWrites.requestCancel(placeOf(id))),
  };
}
