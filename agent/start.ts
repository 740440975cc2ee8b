import { randomBytes } from "node:crypto";
import { totalmem } from "node:os";
import type { Logger } from "pino";
import { type Agent, startAgent } from "./agent.js";
import { type ClusterStore, createClusterStore } from "./aws/cluster-store.js";
import { createCredentialStore } from "./aws/git-credentials.js";
import { createJobRegistry } from "./aws/job-registry.js";
import { createJobSubmissions } from "./aws/job-submissions.js";
import { createJobsView } from "./aws/jobs-view.js";
import { createLeaseStore } from "./aws/lease-store.js";
import { createLogBucket, openBuckets } from "./aws/log-bucket.js";
import { createScheduleRegistry } from "./aws/schedule-registry.js";
import { readClusterSecret } from "./aws/secret.js";
import { createSourceObjects } from "./aws/source-objects.js";
import { openTable } from "./aws/table.js";
import { SOURCE_LIMITS } from "./contract/job-source.js";
import { AGENTS_ROOT, hostfilePath, SHARED_ROOT } from "./contract/names.js";
import { JOB_USER, LAUNCH_USER, LOGIN_GROUP } from "./contract/node-accounts.js";
import type { NodeItem } from "./contract/registry.js";
import { roleToken } from "./contract/tokens.js";
import { AgentError, reasonOf } from "./errors.js";
import { connectionLimits } from "./http/connections.js";
import type {
  HeadView,
  JobEnvironments,
  JobProcesses,
  JobRegistry,
  JobSources,
  RankView,
} from "./jobs/ports.js";
import { createPreflight, type Preflight } from "./jobs/preflight.js";
import { createRankBoard } from "./jobs/rank-board.js";
import { createJobRunner, type JobRunner } from "./jobs/runner.js";
import { RUNTIMES_OF_IMAGE } from "./jobs/runtimes.js";
import { createLaunches } from "./launcher/launches.js";
import { createNodeCheck, createNodeDirectory } from "./launcher/node-directory.js";
import { addPeerLaunchRoute, buildRanksApp, buildSocketApp, type LaunchListener } from "./launcher/routes.js";
import { createLogDelivery } from "./logs/delivery.js";
import type { LogBucket } from "./logs/ports.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { AGENT_VERSION } from "./node/version.js";
import { createSchedules } from "./schedules/schedules.js";
import { createJobSources } from "./sources/fetch.js";
import { startEnvironments } from "./start-environments.js";
import { createAskHost } from "./system/ask-host.js";
import { createAskNodeFacts } from "./system/ask-node-facts.js";
import { type Cgroups, cgroupLimits, delegatedFolder, openCgroups } from "./system/cgroups.js";
import { machineProbes } from "./system/checks.js";
import { openClusterFiles } from "./system/cluster-files.js";
import { cronTicks } from "./system/cron-ticks.js";
import { createErrands, type Errands, endLeftErrands } from "./system/errands.js";
import { createForwardLaunch } from "./system/forward-launch.js";
import { createGitClient } from "./system/git-client.js";
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
import { createNodeKit } from "./system/node-kit.js";
import { createPeerClient, type PeerClient } from "./system/peer-client.js";
import { createPreflightFacts } from "./system/preflight-facts.js";
import { createProxyProcesses } from "./system/proxy-processes.js";
import { keepSharedMounted } from "./system/shared-mount.js";
import { createSharedToken } from "./system/shared-token.js";
import { createSourceFolder } from "./system/source-folder.js";
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

/** What looks at and unpacks sources, and whom https trusts. */
const SOURCE_PROGRAM = ["/usr/bin/python3", "-I", "/usr/lib/muster/source.py"] as const;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

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
  const left = await endLeftErrands(cgroups);
  if (left.length > 0) log.warn({ left }, "errands of an earlier agent do not end");
  const errands = createErrands(cgroups, JOB_USER);
  const records = createJobRecords(`${AGENTS_ROOT}/jobs`);
  const { clusterUuid, logBucket } = config;
  const bucket = createLogBucket({ client: openBuckets(identity.region), bucket: logBucket, clusterUuid });
  const processes = createJobProcesses({ cgroups, records });
  const runner = { wake: () => {} };
  const ranks = createRankBoard(clock, () => runner.wake());
  const peers = createPeerClient(roleToken(clusterSecret, "peer"));
  const preparing = startEnvironments({ config, identity, errands, cgroups, peers, log });
  const { environments, prepare } = preparing;
  const { preflight, facts } = openPreflight({ errands, cgroups, peers, identity, log });
  const launcher = await startLauncher({
    ...{ cluster, cgroups, peers, log },
    address: identity.address,
    listener: ranks,
  });
  const agent = await startAgent({
    ...{ config, identity, cores, clusterSecret, cluster, jobs, clock, log },
    lease: createLeaseStore(table, config.leaseTtlSeconds * 1_000),
    submissions: createJobSubmissions(table),
    jobsView: createJobsView(table),
    files: openClusterFiles(errands, records, { shared: SHARED_ROOT, agents: AGENTS_ROOT }),
    outputs: records.outputs,
    logBucket: bucket,
    hostfile: openHostfile(hostfilePath(config.clusterUuid), errands),
    probes: machineProbes(identity.instanceId, errands, cluster.ping),
    processes,
    dial: peers.dial,
    preflight: { facts },
    recheck: async (nodes) => (await preflight.recheck(nodes)).map(({ address }) => address),
    createRunner(head) {
      const common = { config, identity, log, preflight, environments };
      const own = { records, processes, peers, errands, ranks, bucket };
      const parts = { ...common, registry: jobs, ...own };
      return Object.assign(runner, createRunner(head, parts));
    },
    createSchedules: (head) =>
      createSchedules({ ...head, registry: createScheduleRegistry(table), ticks: cronTicks, clock, log }),
    addLaunchRoute: launcher.addRoute,
    preparations: { prepare },
    connections: connectionLimits(await readDescriptorLimit()),
  });
  return {
    async close() {
      ending.abort();
      await agent.close();
      await launcher.close();
      await preparing.close();
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

/** The preflight as a head runs it, and what this node answers one. */
function openPreflight({
  errands,
  cgroups,
  peers,
  identity,
  log,
}: Pick<RunnerParts, "errands" | "peers" | "identity" | "log"> & { readonly cgroups: Cgroups }) {
  const kit = createNodeKit();
  const shared = createSharedToken(errands, SHARED_ROOT);
  return {
    facts: createPreflightFacts({
      ...{ instanceId: identity.instanceId, agentVersion: AGENT_VERSION },
      ...{ kit, cores: readCores, readShared: shared.read, cgroups },
    }),
    preflight: createPreflight({
      ...{ address: identity.address, ask: createAskNodeFacts(peers), kit, shared, clock },
      random: () => randomBytes(16).toString("hex"),
      onLeftBehind: (error) =>
        log.warn({ reason: reasonOf(error) }, "a preflight's file on /shared could not be removed"),
    }),
  };
}

interface RunnerParts {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly registry: JobRegistry;
  readonly records: JobRecordFiles;
  readonly processes: JobProcesses;
  readonly peers: PeerClient;
  readonly errands: Errands;
  readonly environments: JobEnvironments;
  readonly ranks: RankView;
  readonly preflight: Preflight;
  readonly bucket: LogBucket;
  readonly log: Logger;
}

function createRunner(head: HeadView, parts: RunnerParts): JobRunner {
  const { config, identity, registry, records, processes, peers, bucket } = parts;
  const { errands, environments, ranks, preflight, log } = parts;
  const { clusterUuid } = config;
  return createJobRunner({
    ...{ head, registry, environments, ranks, clock, log, records, processes },
    self: { instanceId: identity.instanceId, address: identity.address },
    ask: createAskHost(peers),
    workspace: createJobWorkspace(errands),
    sources: createSources(config, identity.region, errands),
    preflight,
    delivery: createLogDelivery({ clusterUuid, outputs: records.outputs, bucket, clock }),
    settings: { user: JOB_USER, address: identity.address, runtime: config.runtime, ...PROGRAMS },
  });
}

const createSources = ({ org, logBucket }: ResolvedConfig, region: string, errands: Errands): JobSources =>
  createJobSources({
    git: createGitClient(errands, { program: SOURCE_PROGRAM, certificates: CERTIFICATES }),
    files: createSourceFolder(errands, SOURCE_PROGRAM),
    objects: createSourceObjects({ client: openBuckets(region), region, logBucket }),
    credentials: createCredentialStore(org, region),
    limits: {
      bytes: SOURCE_LIMITS.bytes,
      files: SOURCE_LIMITS.files,
      timeoutMs: SOURCE_LIMITS.fetchTimeoutSeconds * 1_000,
    },
  });

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
  const deps = { address, forward: createForwardLaunch(peers), findNode, listener, log };
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
    addRoute: (app: Parameters<typeof addPeerLaunchRoute>[0]) =>
      addPeerLaunchRoute(app, { launches, isNodeAt: createNodeCheck(cluster.readNode, clock) }),
    async close() {
      for (const { app } of apps) await app.close();
    },
  };
}
