import { queuedCancel } from "../../../agent/contract/job.js";
import type { ClusterItem, JobDefinitionItem, JobItem, LeaseItem } from "../../../agent/contract/registry.js";
import type { JobDefinitions, Jobs, MusterClient } from "../../../provider/client/ports.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";

/** One cluster's jobs in memory, as the provider's ports see them; a test may change everything behind their back. */
export interface MemoryJobs {
  readonly client: MusterClient;
  readonly jobs: Map<string, JobItem>;
  readonly definitions: Map<string, JobDefinitionItem>;
  cluster: ClusterItem | null;
  lease: LeaseItem | null;
  /** How often a job was put, whether it was there already or not. */
  submits: number;
  /** Changes the only job, or the latest one. */
  changeLatest(change: Partial<JobItem>): void;
}

export function memoryJobs(): MemoryJobs {
  const jobs = new Map<string, JobItem>();
  const definitions = new Map<string, JobDefinitionItem>();
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
    registry: {
      readCluster: async (uuid: string) => (isClusters(uuid) ? memory.cluster : null),
      readLease: async () => memory.lease,
    },
    jobs: portOfJobs(memory),
    definitions: portOfDefinitions(definitions),
  } as unknown as MusterClient;
  return Object.assign(memory, { client });
}

function portOfJobs(memory: { readonly jobs: Map<string, JobItem>; submits: number }): Jobs {
  const { jobs } = memory;
  const changeWhile = (id: string, status: JobItem["status"], change: Partial<JobItem>): boolean => {
    const job = jobs.get(id);
    if (job?.status !== status) return false;
    jobs.set(id, { ...job, ...change });
    return true;
  };
  return {
    list: async () => [...jobs.values()],
    read: async (_uuid, id) => jobs.get(id) ?? null,
    submit: async (job) => {
      memory.submits += 1;
      if (jobs.has(job.id)) return false;
      jobs.set(job.id, job);
      return true;
    },
    cancelQueued: async ({ id }, reason, at) => changeWhile(id, "NEW", queuedCancel(reason, at)),
    requestCancel: async ({ id }) => changeWhile(id, "INPROGRESS", { cancelRequested: true }),
  };
}

const portOfDefinitions = (definitions: Map<string, JobDefinitionItem>): JobDefinitions => ({
  read: async (_uuid, name) => definitions.get(name) ?? null,
  create: async (definition) => {
    if (definitions.has(definition.name)) return false;
    definitions.set(definition.name, definition);
    return true;
  },
  replace: async (previous, next) => {
    const now = definitions.get(next.name);
    if (now?.id !== previous.id || now.updatedAt !== previous.updatedAt) return false;
    definitions.set(next.name, next);
    return true;
  },
  delete: async ({ id, owner, name }) => {
    const now = definitions.get(name);
    if (now?.id === id && now.owner === owner) definitions.delete(name);
  },
});
