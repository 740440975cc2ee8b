import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, startAgent } from "../../../agent/agent.js";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { createLeaseStore } from "../../../agent/aws/lease-store.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { NodeKind } from "../../../agent/contract/node-kind.js";
import type { HeadView } from "../../../agent/jobs/ports.js";
import { openClusterFiles } from "../../../agent/system/cluster-files.js";
import { createErrands } from "../../../agent/system/errands.js";
import { openHostfile } from "../../../agent/system/hostfile-file.js";
import { testCgroups } from "./cgroups.js";
import { idleAgent } from "./idle-agent.js";
import { JOB_USER } from "./job-user.js";

/** One agent on 127.0.<network>.<n>; `failure` is why its one probe fails, `isJobRunning` what its runner says. */
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
  /** What the Auto Scaling group was set to. */
  readonly sizes: number[];
  /** The instances that heads have ended, and whether the group starts others. */
  readonly ended: string[];
  start(
    n: number,
    options?: { readonly failure?: string; readonly kind?: NodeKind; readonly bootedAt?: Date },
  ): Promise<TestAgent>;
  /** Closes the agents that still run, and removes the folder. */
  stop(): Promise<void>;
}

const LEASE_TTL_SECONDS = 5;

/** `network`: another one for each test file that may run beside. */
export async function testAgents(table: ClusterTable, network = 11): Promise<TestAgents> {
  const folder = await mkdtemp(join(tmpdir(), "muster-agents-"));
  await chown(folder, JOB_USER.uid, JOB_USER.gid);
  const own = await testCgroups();
  const errands = createErrands(own.cgroups, JOB_USER);
  const hostfile = join(folder, ".hostfile");
  const records = await mkdtemp(join(tmpdir(), "muster-records-"));
  const undelivered = new Set<string>();
  const unfit = new Set<string>();
  const sizes: number[] = [];
  const ended: string[] = [];
  const running = new Set<Agent>();

  return {
    ...{ hostfile, folder, records, undelivered, unfit, sizes, ended },
    async start(
      n,
      {
        failure = null,
        kind = "worker",
        bootedAt = new Date(0),
      }: { failure?: string | null; kind?: NodeKind; bootedAt?: Date } = {},
    ) {
      const id = `i-${n}`;
      const address = `127.0.${network}.${n}`;
      const state: Pick<TestAgent, "failure" | "runningJob" | "spotNotice"> = {
        ...{ failure, runningJob: null, spotNotice: null },
      };
      const views: HeadView[] = [];
      const agent = await startAgent({
        ...idleAgent(table, n, address, { kind, leaseTtlSeconds: LEASE_TTL_SECONDS }),
        lease: createLeaseStore(table, LEASE_TTL_SECONDS * 1_000),
        cluster: createClusterStore(table),
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
        group: {
          instances: async () => [],
          setSize: async (_group, size) => void sizes.push(size),
          end: async (id, isReplaced) => void ended.push(`${id} ${isReplaced ? "is replaced" : "goes"}`),
        },
        readNotices: async () => ({ spot: state.spotNotice, maintenance: null, rebalance: null }),
        bootedAt,
        createRunner(head) {
          views.push(head);
          return {
            start: () => {},
            stop: async () => {},
            wake: () => {},
            nudge: () => {},
            startNow: async () => null,
            running: () => state.runningJob,
            seen: () => ({ running: state.runningJob, waiting: 0, lookedMsAgo: 0, lastAt: null }),
            worksOn: () => state.runningJob !== null,
            mayHoldStrays: () => false,
            doubt: () => {},
          };
        },
        recheck: async () => [...unfit],
      });
      const closeOnce = agent.close;
      const tracked: Agent = {
        async close(machineGoesDown) {
          if (running.delete(tracked)) await closeOnce(machineGoesDown);
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
