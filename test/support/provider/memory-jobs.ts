import {
  type ClusterItem,
  clusterPk,
  definitionSk,
  type JobDefinitionItem,
  type JobItem,
  type LeaseItem,
  META_SK,
} from "../../../agent/contract/registry.js";
import { definitionWrites } from "../../../agent/contract/writes/job-definition.js";
import type { Update } from "../../../agent/contract/writes/write.js";
import type { JobDefinitions, Jobs, MusterClient } from "../../../provider/client/ports.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";
import { memoryJobItems, memorySubmissions } from "../memory-jobs.js";
import {
  type MemoryItems,
  type MemoryTable,
  memoryItems,
  memoryTable,
  withoutKeys,
} from "../memory-table.js";

/** One cluster's jobs in memory, as the provider's ports see them; a test may change everything behind their back. */
export interface MemoryJobs {
  readonly client: MusterClient;
  readonly jobs: MemoryItems<JobItem>;
  readonly definitions: MemoryItems<JobDefinitionItem>;
  cluster: ClusterItem | null;
  lease: LeaseItem | null;
  /** How often a job was put, whether it was there already or not. */
  submits: number;
  /** Changes the only job, or the latest one. */
  changeLatest(change: Partial<JobItem>): void;
}

/** Whose credentials the provider has. */
export const CALLER = "arn:aws:iam::123456789012:user/ada";

export function memoryJobs(): MemoryJobs {
  const table = memoryTable();
  const jobs = memoryJobItems(table);
  const definitions = memoryItems<JobDefinitionItem>(table, definitionSk);
  const ready = {
    clusterStatus: "FINISHED",
    phase: "ready",
    hostfileNodes: 2,
    headInstanceId: "i-1",
  } as const;
  const memory = {
    jobs,
    definitions,
    cluster: clusterItem(ready) as ClusterItem | null,
    lease: null as LeaseItem | null,
    submits: 0,
    changeLatest(change: Partial<JobItem>) {
      const latest = [...jobs.values()].at(-1);
      if (latest !== undefined) jobs.set(latest.id, { ...latest, ...change });
    },
  };
  const isClusters = (uuid: string): boolean => uuid === CLUSTER_UUID;
  const client = {
    org: "acme",
    region: "us-east-1",
    caller: async () => CALLER,
    registry: {
      readCluster: async (uuid: string) => (isClusters(uuid) ? memory.cluster : null),
      readNodes: async () => [],
      readLease: async () => memory.lease,
      updateCluster: async (write: Update) => {
        const meta = memoryTable();
        meta.items.set(`${clusterPk(CLUSTER_UUID)} ${META_SK}`, { ...memory.cluster, ...write.key });
        if (memory.cluster === null || !meta.perform(write)) return null;
        memory.cluster = withoutKeys(meta.get(write.key) ?? {}) as unknown as ClusterItem;
        return memory.cluster;
      },
    },
    jobs: portOfJobs(table, memory),
    definitions: portOfDefinitions(table, definitions),
  } as unknown as MusterClient;
  return Object.assign(memory, { client });
}

function portOfJobs(table: MemoryTable, memory: Pick<MemoryJobs, "jobs" | "submits">): Jobs {
  const { jobs } = memory;
  const { submit, queue, refuse, cancelQueued, requestCancel } = memorySubmissions(table);
  return {
    queue,
    refuse,
    list: async () => [...jobs.values()],
    read: async (_uuid, id) => jobs.get(id) ?? null,
    submit: async (job) => {
      memory.submits += 1;
      return submit(job);
    },
    cancelQueued: ({ id }, why, at) => cancelQueued(id, why, at),
    requestCancel: ({ id }) => requestCancel(id),
  };
}

const portOfDefinitions = (
  table: MemoryTable,
  definitions: MemoryItems<JobDefinitionItem>,
): JobDefinitions => ({
  read: async (_uuid, name) => definitions.get(name) ?? null,
  create: async (definition) => table.perform(definitionWrites.create(definition)),
  replace: async (previous, next) => table.perform(definitionWrites.replace(previous, next)),
  delete: async (definition) => void table.perform(definitionWrites.delete(definition)),
});
