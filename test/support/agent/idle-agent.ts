import { type Logger, pino } from "pino";
import type { AgentDeps } from "../../../agent/agent-deps.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { createJobsView } from "../../../agent/aws/jobs-view.js";
import { createParkStore } from "../../../agent/aws/park-store.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { NodeKind } from "../../../agent/contract/node-kind.js";
import { connectionLimits } from "../../../agent/http/connections.js";
import type { NotebookNode } from "../../../agent/notebook-node.js";
import { createQueueView } from "../../../agent/status/queue-view.js";
import { createPeerClient } from "../../../agent/system/peer-client.js";
import { systemClock } from "../../../agent/time/clock.js";
import { newCounts } from "../../../agent/watching/metrics.js";
import { testClusterKeys } from "./tls.js";

/** What an agent of the tests' cluster needs beside its registry, its files and its probes: jobs never run on it. */
export type IdleAgent = Omit<
  AgentDeps,
  "cluster" | "createRunner" | "files" | "hostfile" | "lease" | "probes" | "recheck"
>;

/** The idle parts of the agent `i-<n>`, on `address`. */
export function idleAgent(
  table: ClusterTable,
  n: number,
  address: string,
  {
    kind = "worker",
    leaseTtlSeconds,
    log = pino({ level: process.env["AGENT_LOG"] ?? "silent" }),
  }: { readonly kind?: NodeKind; readonly leaseTtlSeconds: number; readonly log?: Logger },
): IdleAgent {
  const noFacts = async (): Promise<never> => {
    throw new Error("no job runs here");
  };
  const keys = testClusterKeys({ clusterUuid: table.clusterUuid, address });
  return {
    config: {
      ...{ org: "acme", clusterUuid: table.clusterUuid, clusterName: "demo", runtime: "mpich", kind },
      ...{ fileSystemId: "fs-1", accessPointId: "fsap-1", agentsAccessPointId: "fsap-2", logBucket: "logs" },
      leaseTtlSeconds,
      ...(kind === "notebook" ? { notebook: NOTEBOOK } : {}),
    },
    ...(kind === "notebook" ? { notebook: busyNotebook() } : {}),
    identity: {
      ...{ instanceId: `i-${n}`, address, hostname: `ip-${address.replaceAll(".", "-")}` },
      ...{ instanceType: "c5.xlarge", zone: "us-east-1a", region: "us-east-1", imageId: "ami-1" },
      publicAddress: null,
    },
    cores: 2,
    keys,
    group: { instances: async () => [], setSize: async () => {}, end: async () => {} },
    ...{ bootedAt: new Date(0), countLogins: async () => 0, parking: createParkStore(table) },
    note: () => {},
    readNotices: async () => ({ spot: null, maintenance: null, rebalance: null }),
    lastWords: { keep: async () => "nothing is kept" },
    openApiDocument: async () => null,
    keepJournal: async () => "s3://logs/journal.log",
    homes: { renew: async () => undefined, start: () => {}, stop: async () => {} },
    history: { after: async () => [] },
    counts: newCounts(),
    pendingLogs: async () => ({ attempts: 0, bytes: 0 }),
    submissions: createJobSubmissions(table),
    jobsView: createJobsView(table),
    jobs: { queue: async () => [], read: async () => null, readAttempt: async () => null },
    queueView: createQueueView(async () => [], systemClock),
    outputs: { read: async () => null, measure: async () => null },
    logBucket: { read: async () => ({ bytes: new Uint8Array(), total: 0 }) },
    dial: createPeerClient(keys).dial,
    offer: async () => null,
    processes: {
      observe: async () => "unknown",
      hostfile: async () => null,
      usage: async () => null,
      exitCode: async () => null,
      signal: async () => {},
      forget: async () => {},
    },
    createSchedules: () => ({ start: () => {}, stop: async () => {}, wake: () => {}, nextSlot: () => null }),
    preparations: { prepare: async () => null },
    preflight: { facts: noFacts },
    addLaunchRoute: (app) => {
      for (const path of ["/v1/launch", "/v1/launch/awaited"]) app.post(path, async () => ({}));
    },
    createOrphans: () => ({
      failing: () => [],
      isAnyRunning: () => false,
      doubt: () => {},
      suspect: () => {},
      start: () => {},
      stop: async () => {},
    }),
    connections: connectionLimits(65_536),
    clock: systemClock,
    log,
  };
}

/** Of a node of that kind. */
const NOTEBOOK = {
  ...{ name: "explore", group: "muster-notebook-explore", homeAccessPointId: "fsap-3" },
  ...{ idleTimeoutMinutes: null, kernelIdleMinutes: 60, mpiKernelIdleMinutes: 30 },
};

/** One in which something always works, without JupyterLab. */
const busyNotebook = (): NotebookNode => ({
  report: () => ({ source: "notebook", count: 1, idleSeconds: 0 }),
  start: async () => {},
  wake: () => {},
  stop: async () => {},
});
