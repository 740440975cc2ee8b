import { totalmem } from "node:os";
import type { Logger } from "pino";
import { type Agent, startAgent } from "./agent.js";
import { type ClusterStore, createClusterStore } from "./aws/cluster-store.js";
import { createJobRegistry } from "./aws/job-registry.js";
import { createJobSubmissions } from "./aws/job-submissions.js";
import { createLeaseStore } from "./aws/lease-store.js";
import { createLogDelivery, openBuckets } from "./aws/log-delivery.js";
import { readClusterSecret } from "./aws/secret.js";
import { openTable } from "./aws/table.js";
import { AGENTS_ROOT, hostfilePath, SHARED_ROOT } from "./contract/names.js";
import { JOB_USER, LAUNCH_USER, LOGIN_GROUP } from "./contract/node-accounts.js";
import type { NodeItem } from "./contract/registry.js";
import { roleToken } from "./contract/tokens.js";
import { AgentError, reasonOf } from "./errors.js";
import { connectionLimits } from "./http/connections.js";
import type { HeadView, JobProcesses, JobRegistry, RankView } from "./jobs/ports.js";
import { createRankBoard } from "./jobs/rank-board.js";
import { createJobRunner, type JobRunner } from "./jobs/runner.js";
import { RUNTIMES_OF_IMAGE } from "./jobs/runtimes.js";
import { addAwaitedRoute, createAwaited } from "./launcher/awaited.js";
import { createLaunches } from "./launcher/launches.js";
import { createNodeCheck, createNodeDirectory } from "./launcher/node-directory.js";
import { createOrphans } from "./launcher/orphans.js";
import { addPeerLaunchRoute, buildRanksApp, buildSocketApp, type LaunchListener } from "./launcher/routes.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { AGENT_VERSION } from "./node/version.js";
import { createAskAwaited } from "./system/ask-awaited.js";
import { createAskHost } from "./system/ask-host.js";
import { type Cgroups, cgroupLimits, delegatedFolder, openCgroups } from "./system/cgroups.js";
import { machineProbes } from "./system/checks.js";
import { openClusterFiles } from "./system/cluster-files.js";
import { createErrands, type Errands } from "./system/errands.js";
import { createForwardLaunch } from "./system/forward-launch.js";
import { createHostProbe } from "./system/host-probe.js";
import { createHostReach } from "./system/host-reach.js";
import { openHostfile } from "./system/hostfile-file.js";
import { readIdentity } from "./system/imds.js";
import { createJobProcesses } from "./system/job-processes.js";
import { createJobRecords, type JobRecordFiles } from "./system/job-records.js";
import { createJobWorkspace } from "./system/job-workspace.js";
import {
  JOB_LAUNCH_SOCKET,
  LAUNCH_SOCKET,
  listenOnSocket,
  publishAddress,
  RANKS_SOCKET,
} from "./system/launch-socket.js";
import {
  loadConfig,
  readBootId,
  readCores,
  readDescriptorLimit,
  readOwnCgroup,
} from "./system/node-facts.js";
import { createPeerClient, type PeerClient } from "./system/peer-client.js";
import { createProxyProcesses } from "./system/proxy-processes.js";
import { keepSharedMounted } from "./system/shared-mount.js";
import { systemClock as clock } from "./time/clock.js";
import { retry } from "./time/retry.js";

/** Right after boot, the metadata, a role's credentials or a route may not be ready. After this time, systemd restarts the agent. */
const PATIENCE = { timeoutMs: 60_000, pauseMs: 1_000 } as const;
/** Where the image has what a job starts. */
const PROGRAMS = {
  runtimes: RUNTIMES_OF_IMAGE,
  python: "/usr/bin/python3",
  launcher: "/usr/lib/muster/launch",
  launchSocket: JOB_LAUNCH_SOCKET,
} as const;

/**
 * Starts the agent on this machine. Every wait is bounded; if something stays unavailable, it throws an AgentError with the next step.
 * Only for /shared the node waits, and is unready meanwhile.
 */
export async function start(log: Logger): Promise<Agent> {
  const config = await loadConfig();
  const patiently = <T>(what: string, work: () => Promise<T>) => retry(what, work, PATIENCE, clock, log);
  const identity = await patiently("the metadata service", readIdentity);
  log.info({ node: identity.instanceId, address: identity.address, cluster: config.clusterUuid }, "starting");
  const table = openTable(config.org, config.clusterUuid, identity.region);
  const cluster = createClusterStore(table);
  const ending = new AbortController();
  const [cores, clusterSecret] = await Promise.all([
    readCores(),
    patiently("the cluster's secret", () =>
      readClusterSecret(config.org, config.clusterUuid, identity.region),
    ),
    keepSharedMounted(config, clock, log, ending.signal),
  ]);
  await patiently("the registry", () => register(cluster, identity, { cores, kind: config.kind }));

  const jobs = createJobRegistry(table);
  const cgroups = await openOwnCgroups();
  const errands = createErrands(cgroups, JOB_USER);
  const records = createJobRecords(`${AGENTS_ROOT}/jobs`);
  const processes = createJobProcesses({ cgroups, records });
  const runner = { wake: () => {} };
  const ranks = createRankBoard(clock, () => runner.wake());
  const peers = createPeerClient(roleToken(clusterSecret, "peer"));
  const launcher = await startLauncher({
    ...{ cluster, cgroups, peers, log },
    address: identity.address,
    listener: ranks,
  });
  const agent = await startAgent({
    ...{ config, identity, cores, clusterSecret, cluster, jobs, clock, log },
    lease: createLeaseStore(table, config.leaseTtlSeconds * 1_000),
    submissions: createJobSubmissions(table),
    files: openClusterFiles(errands, records, { shared: SHARED_ROOT, agents: AGENTS_ROOT }),
    hostfile: openHostfile(hostfilePath(config.clusterUuid), errands),
    probes: machineProbes(identity.instanceId, errands, cluster.ping),
    processes,
    dial: peers.dial,
    createRunner(head) {
      const parts = { config, identity, registry: jobs, records, processes, peers, errands, ranks, log };
      return Object.assign(runner, createRunner(head, parts));
    },
    addLaunchRoute: launcher.addRoute,
    createOrphans: (onChange) =>
      createOrphans({ launches: launcher.launches, ask: createAskAwaited(peers), clock, onChange, log }),
    connections: connectionLimits(await readDescriptorLimit()),
  });
  return {
    async close() {
      ending.abort();
      await agent.close();
      await launcher.close();
    },
  };
}

async function register(
  cluster: ClusterStore,
  identity: NodeIdentity,
  own: Pick<NodeItem, "cores" | "kind">,
): Promise<void> {
  const { region: _, ...node } = identity;
  const bootId = await readBootId();
  const startedAt = clock.now().toISOString();
  try {
    await cluster.registerNode({ ...node, ...own, agentVersion: AGENT_VERSION, bootId, startedAt });
  } catch (error) {
    throw new AgentError("registration-failed", reasonOf(error), error);
  }
}

/** The cgroup that systemd delegates to the agent, with a limit for each job on this node. */
async function openOwnCgroups(): Promise<Cgroups> {
  try {
    return await openCgroups(delegatedFolder(await readOwnCgroup()), cgroupLimits(totalmem()));
  } catch (error) {
    throw new AgentError("cgroup-unavailable", reasonOf(error), error);
  }
}

interface RunnerParts {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly registry: JobRegistry;
  readonly records: JobRecordFiles;
  readonly processes: JobProcesses;
  readonly peers: PeerClient;
  readonly errands: Errands;
  readonly ranks: RankView;
  readonly log: Logger;
}

function createRunner(head: HeadView, parts: RunnerParts): JobRunner {
  const { config, identity, registry, records, processes, peers, errands, ranks, log } = parts;
  const client = openBuckets(identity.region);
  const { logBucket: bucket, clusterUuid } = config;
  return createJobRunner({
    ...{ head, registry, ranks, clock, log, records, processes },
    self: { instanceId: identity.instanceId, address: identity.address },
    ask: createAskHost(peers),
    workspace: createJobWorkspace(errands),
    probe: createHostProbe(peers),
    reach: createHostReach(peers),
    delivery: createLogDelivery({ client, bucket, clusterUuid, openOutput: records.openOutput }),
    settings: { user: JOB_USER, address: identity.address, runtime: config.runtime, ...PROGRAMS },
  });
}

interface LauncherParts {
  readonly cluster: ClusterStore;
  readonly address: string;
  readonly peers: PeerClient;
  readonly cgroups: Cgroups;
  readonly listener: LaunchListener;
  readonly log: Logger;
}

/**
 * The launcher's ends on this node: a socket for the mpiexec of jobs, one for people's own, one for ranks that fail, and the
 * route for the agents of other nodes.
 */
async function startLauncher({ cluster, address, peers, cgroups, listener, log }: LauncherParts) {
  const findNode = createNodeDirectory(cluster.readNodes, clock);
  const launches = createLaunches({ processes: createProxyProcesses(cgroups), clock, log });
  await launches.restore();
  const awaited = createAwaited(clock);
  const deps = { address, forward: createForwardLaunch(peers), findNode, listener, awaited, log };
  const apps = [
    { app: buildSocketApp(deps), path: JOB_LAUNCH_SOCKET, gid: LAUNCH_USER.gid },
    { app: buildSocketApp(deps), path: LAUNCH_SOCKET, gid: LOGIN_GROUP.gid },
    { app: buildRanksApp(launches, log), path: RANKS_SOCKET, gid: JOB_USER.gid },
  ];
  try {
    for (const { app, path, gid } of apps) await listenOnSocket(app, gid, path);
    await publishAddress(address);
  } catch (error) {
    throw new AgentError("listen-failed", reasonOf(error), error);
  }
  return {
    launches,
    addRoute(app: Parameters<typeof addPeerLaunchRoute>[0]) {
      addPeerLaunchRoute(app, { launches, isNodeAt: createNodeCheck(cluster.readNode, clock) });
      addAwaitedRoute(app, awaited);
    },
    async close() {
      for (const { app } of apps) await app.close();
    },
  };
}
