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
import { createNotebookStore } from "./aws/notebook-store.js";
import { createOwnLogBucket } from "./aws/own-log-bucket.js";
import { createParkStore } from "./aws/park-store.js";
import { useProxy } from "./aws/request-handler.js";
import { openGroupControl } from "./aws/scaling-group.js";
import { createScheduleRegistry } from "./aws/schedule-registry.js";
import { createSecretStore } from "./aws/secret.js";
import { openTable } from "./aws/table.js";
import { AGENTS_ROOT, hostfilePath, SHARED_ROOT } from "./contract/names.js";
import { JOB_USER } from "./contract/node-accounts.js";
import { proxyVariables } from "./contract/proxy.js";
import type { NodeItem } from "./contract/registry.js";
import { AgentError, reasonOf } from "./errors.js";
import { createLastWords } from "./head/last-words.js";
import { connectionLimits } from "./http/connections.js";
import { createRankBoard } from "./jobs/rank-board.js";
import { createOrphans } from "./launcher/orphans.js";
import { createOwnLog, type LogBuffer } from "./logs/own-log.js";
import { createClusterKeys } from "./node/cluster-keys.js";
import type { NodeIdentity } from "./node/identity.js";
import { AGENT_VERSION } from "./node/version.js";
import { createHomeLeases } from "./notebook/homes.js";
import { createSchedules } from "./schedules/schedules.js";
import { startAccess } from "./start-access.js";
import { startEnvironments } from "./start-environments.js";
import { startJobRole } from "./start-job-role.js";
import { createRunner, openPreflight } from "./start-jobs.js";
import { startLauncher } from "./start-launcher.js";
import type { NotebookParts, StartedNotebook } from "./start-notebook.js";
import { createQueueView } from "./status/queue-view.js";
import { createAskAwaited } from "./system/ask-awaited.js";
import { createAskLastWords } from "./system/ask-last-words.js";
import { publishAuthorities } from "./system/authority-file.js";
import { readBootTime } from "./system/boot-time.js";
import { type Cgroups, cgroupLimits, delegatedFolder, openCgroups } from "./system/cgroups.js";
import { machineProbes } from "./system/checks.js";
import { openClusterFiles } from "./system/cluster-files.js";
import { cronTicks } from "./system/cron-ticks.js";
import { createErrands, endLeftErrands } from "./system/errands.js";
import { fleetProbes } from "./system/fleet-checks.js";
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
import { createHomeMounts } from "./system/notebook-mounts.js";
import { createNoticeReader } from "./system/notices.js";
import { createOfferJob } from "./system/offer-job.js";
import { readOpenApiDocument } from "./system/openapi-file.js";
import { createPeerClient } from "./system/peer-client.js";
import { keepSharedMounted } from "./system/shared-mount.js";
import { isShuttingDown } from "./system/shutdown.js";
import { readHostKeys } from "./system/ssh-files.js";
import { systemClock as clock } from "./time/clock.js";
import { retry } from "./time/retry.js";
import { countingEnds } from "./watching/counting.js";
import { newCounts } from "./watching/metrics.js";
import { pendingLogs } from "./watching/pending-logs.js";

/** What the head's part of a launch needs: the job's folder, the preflight's file, and the look at it. */
const READY_ERRANDS = 3;
/** Right after boot, the metadata, a role's credentials or a route may not be ready. After this time, systemd restarts the agent. */
const PATIENCE = { timeoutMs: 60_000, pauseMs: 1_000 } as const;
/** The agent has to end within seconds. */
const OWN_LOG_TIMEOUT_MS = 2_000;
/**
 * Starts the agent on this machine. Every wait is bounded; if something stays unavailable, it throws an AgentError with the next step.
 * Only for /shared the node waits, and is unready meanwhile.
 */
export async function start(log: Logger, ownLines: LogBuffer): Promise<Agent> {
  const config = await loadConfig();
  const proxy = proxyVariables(config.proxy);
  useProxy(proxy);
  const patiently = <T>(what: string, work: () => Promise<T>) => retry(what, work, PATIENCE, clock, log);
  const identity = await patiently("the metadata service", readIdentity);
  log.info({ node: identity.instanceId, address: identity.address, cluster: config.clusterUuid }, "starting");
  const counts = newCounts();
  const table = openTable(config.org, config.clusterUuid, identity.region, counts.registryCalls);
  const cluster = createClusterStore(table);
  const ending = new AbortController();
  const secrets = createSecretStore(config, identity.region);
  const cores = await readCores();
  const [secret] = await Promise.all([
    patiently("the cluster's secret", secrets.read),
    patiently("the registry", () => register(cluster, identity, { cores, kind: config.kind })),
    keepSharedMounted(config, clock, log, ending.signal),
  ]);

  const registry = createJobRegistry(table);
  const queueView = createQueueView(registry.queue, clock);
  const jobs = countingEnds({ ...registry, queue: queueView.queue }, counts, clock);
  const cgroups = await openOwnCgroups();
  const left = await endLeftErrands(cgroups);
  if (left.length > 0) log.warn({ left }, "errands of an earlier agent do not end");
  const errands = createErrands(cgroups, JOB_USER, { ready: READY_ERRANDS, variables: proxy });
  const records = createJobRecords(`${AGENTS_ROOT}/jobs`, identity.instanceId);
  const { clusterUuid, logBucket } = config;
  const s3 = openBuckets(identity.region);
  const bucket = createLogBucket({ client: s3, bucket: logBucket, clusterUuid });
  const { instanceId } = identity;
  const ownLog = createOwnLog({
    buffer: ownLines,
    put: createOwnLogBucket({
      ...{ client: s3, bucket: logBucket, clusterUuid, instanceId, startedAt: clock.now() },
    }),
    clock,
    share: Math.random(),
  });
  ownLog.start();
  const processes = createJobProcesses({ cgroups, records, ready: 1 });
  await processes.restore();
  const runner = { wake: () => {} };
  const ranks = createRankBoard(clock, () => runner.wake());
  const keys = createClusterKeys({
    ...{ secret, readNewer: secrets.readNewer, clock, log },
    node: { clusterUuid, address: identity.address },
  });
  const publish = () =>
    publishAuthorities(keys.trusted()).catch((error: unknown) =>
      log.warn(
        { reason: reasonOf(error) },
        "the authority's certificate can't be written for this node's programs",
      ),
    );
  await publish();
  keys.onIdentity(publish);
  const peers = createPeerClient(keys);
  const preparing = startEnvironments({ config, identity, s3, errands, cgroups, peers, log });
  const { environments, prepare } = preparing;
  const { preflight, facts } = openPreflight({ errands, cgroups, peers, identity, log });
  const launcher = await startLauncher({
    ...{ cluster, cgroups, peers, identity, log },
    kind: config.kind,
    listener: ranks,
    mayLaunch: processes.mayLaunch,
  });
  const jobRole = await startJobRole({ config, identity, log });
  const access = await startAccess({ config, keys, cluster, log });
  const events = createEventStore(table);
  const bootedAt = await readBootTime(clock.now());
  const group = openGroupControl(identity.region);
  const notebooks = createNotebookStore(table);
  const homes = createHomeLeases({
    ...{ mounts: createHomeMounts(config.fileSystemId), own: config.notebook?.name ?? null },
    isAttached: async (name) => (await notebooks.read(name)) !== null,
    ...{ clock, log },
  });
  const notebook =
    config.notebook === undefined
      ? null
      : await openNotebook({
          ...{ config, notebook: config.notebook, identity, bootedAt, errands, peers, group, log },
          ...{ store: notebooks, countLogins: access.countSessions },
        });
  const storeNodeText = createNodeTexts({ client: s3, bucket: logBucket, clusterUuid });
  const agent = await startAgent({
    ...{ config, identity, cores, keys, cluster, jobs, queueView, clock, log },
    ...{ bootedAt, countLogins: access.countSessions, parking: createParkStore(table) },
    ...{ group, homes },
    ...(notebook === null ? {} : { notebook }),
    history: events,
    counts,
    pendingLogs: () => pendingLogs(records),
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
    openApiDocument: readOpenApiDocument,
    keepJournal: async () => storeNodeText(identity.instanceId, "journal.log", await readJournal()),
    lease: createLeaseStore(table, config.leaseTtlSeconds * 1_000),
    submissions: createJobSubmissions(table),
    jobsView: createJobsView(table),
    files: openClusterFiles(errands, records, { shared: SHARED_ROOT, agents: AGENTS_ROOT }),
    outputs: records.outputs,
    logBucket: bucket,
    hostfile: openHostfile(hostfilePath(config.clusterUuid), errands),
    probes: [
      ...machineProbes({
        ...{ instanceId, errands, ping: cluster.ping },
        runsRanks: () => launcher.launches.running().length > 0,
      }),
      ...fleetProbes(config, errands),
      ...(notebook?.probes ?? []),
    ],
    processes,
    dial: peers.dial,
    offer: createOfferJob(peers),
    preflight: { facts },
    recheck: async (nodes) => (await preflight.recheck(nodes)).map(({ address }) => address),
    createRunner(head) {
      launcher.useList(head);
      const common = { config, identity, log, preflight, environments };
      const own = { records, processes, peers, errands, ranks, bucket, s3 };
      const parts = { ...common, registry: jobs, ...own };
      return Object.assign(runner, createRunner(head, parts));
    },
    createSchedules: (head) =>
      createSchedules({ ...head, registry: createScheduleRegistry(table), ticks: cronTicks, clock, log }),
    addLaunchRoute: launcher.addRoute,
    preparations: { prepare },
    createOrphans: (hears) =>
      createOrphans({ launches: launcher.launches, ask: createAskAwaited(peers), clock, log, ...hears }),
    connections: connectionLimits(await readDescriptorLimit()),
  });
  return {
    async close() {
      ending.abort();
      await agent.close(await isShuttingDown());
      await launcher.close();
      await jobRole.close();
      await access.close();
      await preparing.close();
      await Promise.all([errands.close(), processes.close()]);
      await ownLog.close(OWN_LOG_TIMEOUT_MS);
    },
  };
}

/** Most nodes have no notebook, and need no memory for one. */
async function openNotebook(parts: NotebookParts): Promise<StartedNotebook> {
  const { startNotebook } = await import("./start-notebook.js");
  return startNotebook(parts);
}

async function register(
  cluster: ClusterStore,
  identity: NodeIdentity,
  own: Pick<NodeItem, "cores" | "kind">,
): Promise<void> {
  const { region: _, ...node } = identity;
  const [bootId, sshHostKeys] = await Promise.all([readBootId(), readHostKeys()]);
  const startedAt = clock.now().toISOString();
  try {
    await cluster.registerNode({
      ...{ ...node, ...own, agentVersion: AGENT_VERSION, bootId, startedAt },
      sshHostKeys: [...sshHostKeys],
    });
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
