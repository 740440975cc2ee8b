import type { ScheduleItem } from "../../agent/contract/job-schedule-state.js";
import {
  clusterPk,
  definitionSk,
  jobSk,
  META_SK,
  partitionKeyed,
  QUEUE_INDEX,
  scheduleSk,
} from "../../agent/contract/keys.js";
import type { ClusterItem, JobDefinitionItem, JobItem } from "../../agent/contract/registry.js";
import { jobWrites } from "../../agent/contract/writes/job.js";
import { scheduleWrites } from "../../agent/contract/writes/schedule.js";
import type { ScheduledDefinition, ScheduleRegistry } from "../../agent/schedules/ports.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";
import { type MemoryTable, withoutKeys } from "./memory-table.js";

/** The schedules' port on a table in memory, by the contract's writes, for the tests' cluster. */
export function memorySchedules(table: MemoryTable): ScheduleRegistry {
  const placeOf = (id: string) => ({ clusterUuid: CLUSTER_UUID, id });
  function get<T>(sortKey: string): T | null {
    const item = table.get(partitionKeyed(CLUSTER_UUID, sortKey));
    return item === null ? null : withoutKeys<T>(item);
  }
  const query = <T>(prefix: string): readonly T[] =>
    table.query(clusterPk(CLUSTER_UUID), prefix).map((item) => withoutKeys<T>(item));
  return {
    definitions: async () =>
      query<JobDefinitionItem>(definitionSk("")).filter(
        (item): item is JobDefinitionItem & ScheduledDefinition => item.schedule !== undefined,
      ),
    definition: async (name) => get(definitionSk(name)),
    schedules: async () => query<ScheduleItem>(scheduleSk("")),
    cluster: async () => get<ClusterItem>(META_SK),
    async pendingJobs(definitionId) {
      const queue = table
        .query(clusterPk(CLUSTER_UUID), jobSk(""))
        .filter((item) => QUEUE_INDEX.hashKey in item)
        .map((item) => withoutKeys<JobItem>(item));
      const own = queue.filter(({ definition }) => definition?.id === definitionId);
      return {
        jobs: own.map(({ id, status }) => ({ id, status })),
        waiting: queue.filter(({ status }) => status === "NEW").length,
      };
    },
    hasJob: async (id) => get(jobSk(id)) !== null,
    begin: async (schedule) => table.perform(scheduleWrites.begin(schedule)),
    advance: async (schedule, generation, change) =>
      table.perform(scheduleWrites.advance(schedule, generation, change)),
    submit: async (job, schedule, generation, change) =>
      table.transact([jobWrites.submit(job), scheduleWrites.advance(schedule, generation, change)]),
    forget: async (schedule, generation) => table.perform(scheduleWrites.forget(schedule, generation)),
    cancelQueued: async (id, why, at) => table.perform(jobWrites.cancelQueued(placeOf(id), why, at)),
    requestCancel: async (id, why) => table.perform(jobWrites.requestCancel(placeOf(id), why)),
  };
}
