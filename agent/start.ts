import { totalmem } from "node:os";
import type { Logger } from "pino";
import { type Agent, startAgent } from "./agent.js";
import { type ClusterStore, createClusterStore } from "./aws/cluster-store.js";
import { createEventStore } from "./aws/event-store.js";
import { createConsoleReader } from "./aws/instance-console.js";
import { createJobRegistry } from "./aws/job-registry.js";
import { createJobSubmissions } from "./aws/job-submissions.js";
import { createJobsView } from "./aws/jobs-view.js";
import { createLeaseStore } from "./aws/lease-store.js";
import { createLogBucket, openBuckets } from "./aws/log-bucket.js";
import { createNodeTexts } from "./aws/node-texts.js";
import { openGroupControl } from "./aws/scaling-group.js";
import { createScheduleRegistry } from "./aws/schedule-registry.js";
import { readClusterSecret } from "./aws/secret.js";
import { openTable } from "./aws/table.js";
import { AGENTS_ROOT, hostfilePath, SHARED_ROOT } from "./contract/names.js";
import { JOB_USER } from "./contract/node-accounts.js";
import type { NodeItem } from "./contract/registry.js";
import { roleToken } from "./contract/tokens.js";
import { AgentError, reasonOf } from "./errors.js";
import { createLastWords } from "./head/last-words.js";
import { connectionLimits } from "./http/connections.js";
import { createRankBoard } from "./jobs/rank-board.js";
import { createOrphans } from "./launcher/orphans.js";
import type { NodeIdentity } from "./node/identity.js";
import { AGENT_VERSION } from "./node/version.js";
import { createSchedules } from "./schedules/schedules.js";
import { startEnvironments } from "./start-environments.js";
import { startJobRole } from "./start-job-role.js";
import { createRunner, openPreflight } from "./start-jobs.js";
import { startLauncher } from "./start-launcher.js";
import { createAskAwaited } from "./system/ask-awaited.js";
import { createAskLastWords } from "./system/ask-last-words.js";
import { type Cgroups, cgroupLimits, delegatedFolder, openCgroups } from "./system/cgroups.js";
import { machineProbes } from "./system/checks.js";
import { openClusterFiles } from "./system/cluster-files.js";
import { cronTicks } from "./system/cron-ticks.js";
import { createErrands, endLeftErrands } from "./system/errands.js";
import { openHostfile } from "./system/hostfile-file.js";
import { readIdentity } from "./system/imds.js";
import { createJobProcesses } from "./system/job-processes.js";
import { createJobRecords } from "./system/job-records.js";
import { readJournal } from "./system/journal.js";
import {
  loadConfig,
  readBootId,
  readCores,
  readDescriptorLimit,
  readOwnCgroup,
} from "./system/node-facts.js";
import { createNoticeReader } from "./system/notices.js";
import { createPeerClient } from "./system/peer-client.js";
import { keepSharedMounted } from "./system/shared-mount.js";
import { systemClock as clock } from "./time/clock.js";
import { retry } from "./time/retry.js";

/** Right after boot, the metadata, a role's credentials or a route may not be ready. After this time, systemd restarts the agent. */
const PATIENCE = { timeoutMs: 60_000, pauseMs: 1_000 } as const;
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
  const s3 = openBuckets(identity.region);
  const bucket = createLogBucket({ client: s3, bucket: logBucket, clusterUuid });
  const processes = createJobProcesses({ cgroups, records });
  const runner = { wake: () => {} };
  const ranks = createRankBoard(clock, () => runner.wake());
  const peers = createPeerClient(roleToken(clusterSecret, "peer"));
  const preparing = startEnvironments({ config, identity, s3, errands, cgroups, peers, log });
  const { environments, prepare } = preparing;
  const { preflight, facts } = openPreflight({ errands, cgroups, peers, identity, log });
  const launcher = await startLauncher({
    ...{ cluster, cgroups, peers, log },
    address: identity.address,
    listener: ranks,
  });
  const jobRole = await startJobRole({ config, identity, log });
  const events = createEventStore(table);
  const storeNodeText = createNodeTexts({ client: s3, bucket: logBucket, clusterUuid });
  const agent = await startAgent({
    ...{ config, identity, cores, clusterSecret, cluster, jobs, clock, log },
    group: openGroupControl(identity.region),
    note: (event) => {
      events.write(event, clock.now()).catch((error: unknown) => {
        log.warn({ event, reason: reasonOf(error) }, "an event could not be written");
      });
    },
    readNotices: createNoticeReader(),
    lastWords: createLastWords({
      askNode: createAskLastWords(peers),
      readConsole: createConsoleReader(identity.region),
      store: storeNodeText,
      log,
    }),
    keepJournal: async () => storeNodeText(identity.instanceId, "journal.log", await readJournal()),
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
      const own = { records, processes, peers, errands, ranks, bucket, s3 };
      const parts = { ...common, registry: jobs, ...own };
      return Object.assign(runner, createRunner(head, parts));
    },
    createSchedules: (head) =>
      createSchedules({ ...head, registry: createScheduleRegistry(table), ticks: cronTicks, clock, log }),
    addLaunchRoute: launcher.addRoute,
    preparations: { prepare },
    createOrphans: (onChange) =>
      createOrphans({ launches: launcher.launches, ask: createAskAwaited(peers), clock, onChange, log }),
    connections: connectionLimits(await readDescriptorLimit()),
  });
  return {
    async close() {
      ending.abort();
      await agent.close();
      await launcher.close();
      await jobRole.close();
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
