import { pino } from "pino";
import type { JobItem } from "../../../agent/contract/registry.js";
import type { AppDeps } from "../../../agent/http/app.js";
import { connectionLimits } from "../../../agent/http/connections.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";

export const CLUSTER_SECRET = "a secret of a test cluster, long enough";

/** What the app needs, of a ready node that is head of a finished cluster; jobs are kept in memory. */
export function appDeps(
  overrides: Partial<AppDeps> = {},
): AppDeps & { readonly jobsInTable: Map<string, JobItem> } {
  const jobsInTable = new Map<string, JobItem>();
  const readCluster = async () =>
    clusterItem({ clusterStatus: "FINISHED", phase: "ready", leaseGeneration: 3 });
  const change = (jobId: string, before: JobItem["status"], changes: Partial<JobItem>): boolean => {
    const job = jobsInTable.get(jobId);
    if (job?.status !== before) return false;
    jobsInTable.set(jobId, { ...job, ...changes });
    return true;
  };
  return {
    jobsInTable,
    clusterSecret: CLUSTER_SECRET,
    failingProbes: () => [],
    status: {
      node: { id: "i-a", address: "10.0.0.1" },
      clusterUuid: CLUSTER_UUID,
      readCluster,
      queue: async () => [...jobsInTable.values()],
      generation: () => 3,
      head: () => ({ id: "i-a", address: "10.0.0.1" }),
    },
    jobs: {
      clusterUuid: CLUSTER_UUID,
      submissions: {
        async submit(job) {
          if (jobsInTable.has(job.id)) return false;
          jobsInTable.set(job.id, job);
          return true;
        },
        cancelQueued: async (jobId, reason, now) =>
          change(jobId, "NEW", { status: "CANCELLED", phase: "ended", reason, endedAt: now.toISOString() }),
        requestCancel: async (jobId) => change(jobId, "INPROGRESS", { cancelRequested: true }),
      },
      readJob: async (jobId) => jobsInTable.get(jobId) ?? null,
      readCluster,
      wakeRunner: () => {},
      now: () => new Date("2026-01-01T00:00:00Z"),
    },
    peers: { accept: (socket) => socket.close(1000, "accepted"), closeAll: () => {} },
    jobHost: {
      processes: {
        observe: async () => "unknown",
        hostfile: async () => null,
        signal: async () => {},
        forget: async () => {},
      },
      generation: () => 3,
    },
    addLaunchRoute: (app) => {
      app.post("/v1/launch", async () => ({}));
    },
    connections: connectionLimits(65_536),
    log: pino({ level: "silent" }),
    ...overrides,
  };
}
