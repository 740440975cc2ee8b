import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type Agent, startAgent } from "../../../agent/agent.js";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { createJobsView } from "../../../agent/aws/jobs-view.js";
import { createLeaseStore } from "../../../agent/aws/lease-store.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { NodeKind } from "../../../agent/contract/node-kind.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { connectionLimits } from "../../../agent/http/connections.js";
import type { HeadView } from "../../../agent/jobs/ports.js";
import { openClusterFiles } from "../../../agent/system/cluster-files.js";
import { createErrands } from "../../../agent/system/errands.js";
import { openHostfile } from "../../../agent/system/hostfile-file.js";
import { createPeerClient } from "../../../agent/system/peer-client.js";
import { systemClock } from "../../../agent/time/clock.js";
import { CLUSTER_SECRET } from "./app-deps.js";
import { testCgroups } from "./cgroups.js";
import { JOB_USER } from "./job-user.js";

/** One agent on 127.0.11.<n>; `failure` is why its one probe fails, `isJobRunning` what its runner says. */
export interface TestAgent {
  readonly id: string;
  readonly address: string;
  failure: string | null;
  runningJob: string | null;
  /** What its metadata says of a spot interruption. */
  spotNotice: string | null;
  /** What the agent's runner sees of its head. */
  readonly head: HeadView;
  readonly agent: Agent;
}

/** Agents that share a table and a folder, as the nodes of a cluster do. */
export interface TestAgents {
  readonly hostfile: string;
  /** What stands for /shared. */
  readonly folder: string;
  /** What stands for the agents' own folder. */
  readonly records: string;
  /** Jobs whose logs are not in the bucket. */
  readonly undelivered: Set<string>;
  /** The addresses that a preflight finds bad. */
  readonly unfit: Set<string>;
  /** The instances that heads have ended, and whether the group starts others. */
  readonly ended: string[];
  start(n: number, options?: { readonly failure?: string; readonly kind?: NodeKind }): Promise<TestAgent>;
  /** Closes the agents that still run, and removes the folder. */
  stop(): Promise<void>;
}

const LEASE_TTL_SECONDS = 5;

export async function testAgents(table: ClusterTable): Promise<TestAgents> {
  const folder = await mkdtemp(join(tmpdir(), "muster-agents-"));
  await chown(folder, JOB_USER.uid, JOB_USER.gid);
  const own = await testCgroups();
  const errands = createErrands(own.cgroups, JOB_USER);
  const hostfile = join(folder, ".hostfile");
  const records = await mkdtemp(join(tmpdir(), "muster-records-"));
  const undelivered = new Set<string>();
  const unfit = new Set<string>();
  const ended: string[] = [];
  const running = new Set<Agent>();

  return {
    ...{ hostfile, folder, records, undelivered, unfit, ended },
    async start(n, { failure = null, kind = "worker" }: { failure?: string | null; kind?: NodeKind } = {}) {
      const id = `i-${n}`;
      const address = `127.0.11.${n}`;
      const state: Pick<TestAgent, "failure" | "runningJob" | "spotNotice"> = {
        ...{ failure, runningJob: null, spotNotice: null },
      };
      const views: HeadView[] = [];
      const agent = await startAgent({
        config: {
          org: "acme",
          clusterUuid: table.clusterUuid,
          clusterName: "demo",
          runtime: "mpich",
          kind,
          fileSystemId: "fs-1",
          accessPointId: "fsap-1",
          agentsAccessPointId: "fsap-2",
          logBucket: "logs",
          leaseTtlSeconds: LEASE_TTL_SECONDS,
        },
        identity: {
          instanceId: id,
          address,
          hostname: `ip-127-0-11-${n}`,
          instanceType: "c5.xlarge",
          zone: "us-east-1a",
          region: "us-east-1",
          imageId: "ami-1",
        },
        cores: 2,
        clusterSecret: CLUSTER_SECRET,
        lease: createLeaseStore(table, LEASE_TTL_SECONDS * 1_000),
        cluster: createClusterStore(table),
        submissions: createJobSubmissions(table),
        jobsView: createJobsView(table),
        jobs: { queue: async () => [], read: async () => null, readAttempt: async () => null },
        outputs: { read: async () => null },
        logBucket: { read: async () => ({ bytes: new Uint8Array(), total: 0 }) },
        hostfile: openHostfile(hostfile, errands),
        files: openClusterFiles(
          errands,
          { ids: async () => [...undelivered].map((jobId) => ({ jobId, attempt: 1 })) },
          { shared: folder, agents: records },
        ),
        probes: [
          {
            name: "test",
            timeoutMs: 1_000,
            intervalMs: 100,
            async check() {
              if (state.failure !== null) throw new Error(state.failure);
            },
          },
        ],
        dial: createPeerClient(roleToken(CLUSTER_SECRET, "peer")).dial,
        group: {
          setSize: async () => {},
          end: async (id, isReplaced) => void ended.push(`${id} ${isReplaced ? "is replaced" : "goes"}`),
        },
        note: () => {},
        readNotices: async () => ({ spot: state.spotNotice, maintenance: null, rebalance: null }),
        lastWords: { keep: async () => "nothing is kept" },
        keepJournal: async () => "s3://logs/journal.log",
        processes: {
          observe: async () => "unknown",
          hostfile: async () => null,
          usage: async () => null,
          signal: async () => {},
          forget: async () => {},
        },
        createRunner(head) {
          views.push(head);
          return {
            start: () => {},
            stop: async () => {},
            wake: () => {},
            nudge: () => {},
            running: () => state.runningJob,
            worksOn: () => state.runningJob !== null,
          };
        },
        createSchedules: () => ({ start: () => {}, stop: async () => {} }),
        preparations: { prepare: async () => null },
        preflight: {
          facts: async () => {
            throw new Error("no job runs here");
          },
        },
        recheck: async () => [...unfit],
        addLaunchRoute: (app) => {
          for (const path of ["/v1/launch", "/v1/launch/awaited"]) app.post(path, async () => ({}));
        },
        createOrphans: () => ({
          failing: () => [],
          doubt: () => {},
          start: () => {},
          stop: async () => {},
        }),
        connections: connectionLimits(65_536),
        clock: systemClock,
        log: pino({ level: process.env["AGENT_LOG"] ?? "silent" }),
      });
      const closeOnce = agent.close;
      const tracked: Agent = {
        async close() {
          if (running.delete(tracked)) await closeOnce();
        },
      };
      running.add(tracked);
      const [view] = views;
      if (view === undefined) throw new Error("the agent has made no runner");
      return Object.assign(state, { id, address, head: view, agent: tracked });
    },
    async stop() {
      await Promise.all([...running].map((agent) => agent.close()));
      await own.remove();
      for (const path of [folder, records]) await rm(path, { recursive: true, force: true });
    },
  };
}
