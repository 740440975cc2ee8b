import { pino } from "pino";
import type { JobItem } from "../../../agent/contract/registry.js";
import { AgentError } from "../../../agent/errors.js";
import type { AppDeps } from "../../../agent/http/app.js";
import { connectionLimits } from "../../../agent/http/connections.js";
import { systemClock } from "../../../agent/time/clock.js";
import { memoryJobItems, memoryJobsView, memorySubmissions } from "../memory-jobs.js";
import { type MemoryItems, memoryTable } from "../memory-table.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";
import { statusOver } from "./status.js";

import { testKeys } from "./tls.js";

/** What the app needs, of a ready node that is head of a finished cluster; jobs are kept in memory. */
export function appDeps(
  overrides: Partial<AppDeps> = {},
): AppDeps & { readonly jobsInTable: MemoryItems<JobItem> } {
  const table = memoryTable();
  const jobsInTable = memoryJobItems(table);
  const readCluster = async () =>
    clusterItem({ clusterStatus: "FINISHED", phase: "ready", leaseGeneration: 3 });
  return {
    jobsInTable,
    keys: testKeys(),
    failingProbes: () => [],
    status: {
      clusterUuid: CLUSTER_UUID,
      read: statusOver({ readQueue: async () => [...jobsInTable.values()] }).read,
    },
    activity: {
      ...{ clusterUuid: CLUSTER_UUID, readCluster, seen: () => null },
      control: { readCluster, perform: async (write) => table.perform(write) },
      now: () => new Date("2026-01-01T00:00:00Z"),
    },
    jobs: {
      wake: async () => null,
      clusterUuid: CLUSTER_UUID,
      submissions: memorySubmissions(table),
      view: memoryJobsView(table),
      readJob: async (jobId) => jobsInTable.get(jobId) ?? null,
      readCluster,
      startNow: async () => null,
      nudge: () => {},
      now: () => new Date("2026-01-01T00:00:00Z"),
      clock: systemClock,
    },
    logs: {
      views: {
        find: async (jobId) => {
          throw new AgentError("job-not-found", jobId);
        },
        look: async () => null,
        read: async () => null,
        growth: () => ({ seen: () => 0, after: async () => undefined, stop: () => undefined }),
      },
      clock: systemClock,
    },
    events: {
      history: { after: async () => [] },
      feed: { follow: async () => {} },
      now: () => new Date("2026-01-01T00:00:00Z"),
    },
    openApiDocument: async () => null,
    metrics: { render: async () => ({ contentType: "text/plain", text: "" }) },
    offers: { clusterUuid: CLUSTER_UUID, startNow: async () => null },
    peers: {
      accept: (socket) => socket.close(1000, "accepted"),
      ask: () => {},
      drop: () => {},
      closeAll: () => {},
    },
    jobHost: {
      processes: {
        observe: async () => "unknown",
        hostfile: async () => null,
        usage: async () => null,
        exitCode: async () => null,
        signal: async () => {},
        forget: async () => {},
      },
      generation: () => 3,
    },
    notebooks: {
      hold: { ask: () => ({ refused: null, isEarly: false }) },
      homes: { renew: async () => undefined },
    },
    keepJournal: async () => "s3://logs/journal.log",
    preparations: { prepare: async () => null },
    preflight: {
      facts: async () => ({
        ...{ instanceId: "i-a", agentVersion: "1.2.3", image: "sha256:00", runtime: "MPICH 5.0.2", cores: 2 },
        ...{ shared: { token: "t", problem: null }, cgroup: null },
      }),
    },
    addLaunchRoute: (app) => {
      for (const path of ["/v1/launch", "/v1/launch/awaited"]) app.post(path, async () => ({}));
    },
    connections: connectionLimits(65_536),
    log: pino({ level: "silent" }),
    ...overrides,
  };
}
