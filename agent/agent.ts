import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { isClosed } from "./contract/cluster-state.js";
import type { NewEvent } from "./contract/event.js";
import { AGENT_PORT, PROBES_PORT } from "./contract/names.js";
import { isWorker } from "./contract/node-kind.js";
import { isBinding } from "./contract/node-notice.js";
import { type ParkControl, resumeCluster, wakeForJob } from "./contract/park.js";
import type { ClusterItem, JobItem } from "./contract/registry.js";
import { jobWrites } from "./contract/writes/job.js";
import { AgentError, reasonOf } from "./errors.js";
import { type CleanerDeps, type ClusterFiles, createCleaner } from "./head/cleaner.js";
import type { GroupControl } from "./head/group.js";
import { createHead, type HeadDeps } from "./head/head.js";
import type { HostfilePort } from "./head/hostfile-writer.js";
import { replacementLimits } from "./head/replacement-limits.js";
import type { LastWords } from "./head/replacements.js";
import { type AppDeps, buildApp } from "./http/app.js";
import type { ConnectionLimits } from "./http/connections.js";
import type { JobRecordsView, JobSubmissions } from "./http/job-routes.js";
import { buildProbesApp } from "./http/probes-app.js";
import { createIdle } from "./idle/idle.js";
import { createLoginWatch } from "./idle/logins.js";
import { createActivityReports } from "./idle/reports.js";
import { mergeNudges, type Nudge } from "./jobs/nudge.js";
import type { Offered } from "./jobs/offers.js";
import { mayBePlanned } from "./jobs/planned-launch.js";
import { type HeadView, isUnreadable, type JobHost, type JobRegistry } from "./jobs/ports.js";
import type { PreflightRouteDeps } from "./jobs/preflight-route.js";
import type { JobRunner } from "./jobs/runner.js";
import type { Orphans } from "./launcher/orphans.js";
import { createLeaseKeeper, type LeaseStore } from "./lease/keeper.js";
import { createLogViews, type LogViewDeps } from "./logs/views.js";
import type { ClusterKeys } from "./node/cluster-keys.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { createNoticeWatch, type NoticeWatchDeps } from "./node/notice-watch.js";
import { createHeadLink, type DialPeer } from "./peers/head-link.js";
import { createPeerHub } from "./peers/peer-socket.js";
import { createReadiness, type ReadinessProbe } from "./probes/readiness.js";
import { createRoleLoop } from "./role.js";
import type { SchedulerDeps } from "./schedules/scheduler.js";
import type { Schedules } from "./schedules/schedules.js";
import type { QueueView } from "./status/queue-view.js";
import { createStatus } from "./status/status.js";
import type { Clock } from "./time/clock.js";
import { paced } from "./time/paced.js";
import { recent } from "./time/recent.js";
import { createEventFeed, type EventHistory } from "./watching/feed.js";
import { type Counts, createMetrics } from "./watching/metrics.js";

/** Everything on a node that the agent does not create itself. */
export interface AgentDeps {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly cores: number;
  /** Not started yet. */
  readonly keys: ClusterKeys;
  readonly lease: LeaseStore;
  readonly cluster: HeadDeps["cluster"] & Pick<CleanerDeps, "noteFiles">;
  readonly submissions: JobSubmissions;
  readonly jobsView: JobRecordsView;
  readonly jobs: Pick<JobRegistry, "queue" | "read" | "readAttempt">;
  /** The queue of `jobs`, by which the runner looks too. */
  readonly queueView: QueueView;
  /** Where attempts' output is. */
  readonly outputs: LogViewDeps["outputs"];
  readonly logBucket: LogViewDeps["bucket"];
  readonly hostfile: HostfilePort;
  readonly files: ClusterFiles;
  readonly probes: readonly ReadinessProbe[];
  readonly dial: DialPeer;
  /** Offers a new job to the head at that address. */
  offer(address: string, job: JobItem): Promise<Offered>;
  /** The processes of jobs on this node. */
  readonly processes: JobHost;
  /** What a park reads and writes of the registry. */
  readonly parking: Pick<ParkControl, "perform" | "unendedJobs">;
  /** When this machine booted, by its own clock. */
  readonly bootedAt: Date;
  /** How many people are logged in on this node. Bounded; rejects where it can't count them. */
  countLogins(): Promise<number>;
  /** The cluster's Auto Scaling group. */
  readonly group: GroupControl;
  /** Adds to the cluster's history; it never fails, and is waited for by none. */
  note(event: NewEvent): void;
  /** The cluster's history. */
  readonly history: EventHistory;
  readonly counts: Counts;
  /** How many attempts' output is not wholly in the log bucket. */
  pendingLogs(): Promise<number>;
  /** Reads what EC2 announces about this node. */
  readonly readNotices: NoticeWatchDeps["read"];
  readonly lastWords: LastWords;
  readonly keepJournal: AppDeps["keepJournal"];
  /** What this node answers a head's preflight. */
  readonly preflight: PreflightRouteDeps;
  readonly recheck: HeadDeps["recheck"];
  createRunner(head: HeadView): JobRunner;
  createSchedules(
    head: Pick<HeadView, "generation"> & Pick<SchedulerDeps, "wake"> & { onSubmitted(): void },
  ): Schedules;
  addLaunchRoute(app: FastifyInstance): void;
  readonly preparations: AppDeps["preparations"];
  /** What may still run here although it is over; `onChange` is called whenever its probe begins or ceases to fail. */
  createOrphans(onChange: () => void): Orphans;
  readonly connections: ConnectionLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A running agent. */
export interface Agent {
  /**
   * Shuts down in order: takes no new work, releases the lease unless a job runs here (the restarted agent adopts it), says goodbye
   * to the head, closes the port. Call once.
   */
  close(): Promise<void>;
}

const MAX_HEARTBEAT_MS = 1_000;
/** A node passes on 20 nudges a second at most, however many jobs its clients submit. */
const NUDGE_GAP_MS = 50;
/** How old the word may be that the cluster takes jobs: so late may one still come in while it is being closed. */
const CLUSTER_FRESH_MS = 1_500;
/** The name of the readiness probe "this node is head, or connected to it". */
const HEAD_PROBE = "head";

/** Starts the agent: it listens on the node's own address when this resolves. Throws AgentError listen-failed. */
export async function startAgent(deps: AgentDeps): Promise<Agent> {
  const { config, identity, keys, clock, log } = deps;
  const ttlMs = config.leaseTtlSeconds * 1_000;
  const heartbeatMs = Math.min(MAX_HEARTBEAT_MS, ttlMs / 10);
  const node = {
    id: identity.instanceId,
    address: identity.address,
    hostname: identity.hostname,
    cores: deps.cores,
    kind: config.kind,
    bootedAt: deps.bootedAt.toISOString(),
  };
  const logins = createLoginWatch({ count: deps.countLogins, clock, log });
  const activity = () => [logins.report()];
  const reports = createActivityReports(clock);
  // One that EC2 takes is a bad head, but not a bad place for what runs there yet.
  const isTaken = () => notices.now().some(isBinding) && runner.running() === null;
  const isReady = () =>
    readiness.failing().length === 0 && !head.isSetAside(node.id) && !head.isToHandOver() && !isTaken();
  const generation = () => keeper.generation();

  const reportNow = () => {
    link.reportNow();
    if (generation() !== null) head.report(node, failingProbes(), notices.now());
  };
  const notices = createNoticeWatch({ read: deps.readNotices, onChange: reportNow, clock, log });
  const control: ParkControl = {
    ...deps.parking,
    readCluster: deps.cluster.readCluster,
    setSize: deps.group.setSize,
    note: deps.note,
  };
  const resumeFor = (job: JobItem) => resumeCluster(control, `job ${job.id}`, clock.now);
  const wake = (job: JobItem) => wakeForJob(control, job.id, clock.now);
  const readiness = createReadiness(deps.probes, clock, log, reportNow);
  const orphans = deps.createOrphans(reportNow);
  const failingProbes = () => [...readiness.failing(), ...orphans.failing()];
  const keeper = createLeaseKeeper({
    ...{ store: deps.lease, clock, self: node, ttlMs, isReady, log },
    mayHold: isWorker(node),
  });
  // The head reads the cluster each second for itself, and so saves its clients that read.
  const isOpen = (meta: ClusterItem | null) => meta !== null && !isClosed(meta);
  const openCluster = recent(deps.cluster.readCluster, isOpen, { freshMs: CLUSTER_FRESH_MS, clock });
  const head = createHead({
    self: node,
    instanceType: identity.instanceType,
    logBucket: config.logBucket,
    cluster: { ...deps.cluster, readCluster: openCluster.read },
    hostfile: deps.hostfile,
    clock,
    heartbeatMs,
    failingProbes,
    generation,
    notices: notices.now,
    isJobRunning: () => runner.running() !== null,
    holdsWork: (address) => runner.worksOn(address),
    replacing: {
      ...{ group: deps.group, lastWords: deps.lastWords },
      limits: replacementLimits(config.replacement),
    },
    recheck: deps.recheck,
    note: deps.note,
    cleaner: createCleaner({
      files: deps.files,
      isJobRunning: async () =>
        runner.running() !== null ||
        (await deps.jobs.queue()).some((entry) => !isUnreadable(entry) && entry.status === "INPROGRESS"),
      noteFiles: deps.cluster.noteFiles,
      ...{ clock, log },
    }),
    onJobsMayStart: () => runner.wake(),
    log,
  });
  const runner = deps.createRunner({
    ...{ generation, hostfileNow: head.hostfileNow, inTouch: head.inTouch, heard: head.heard },
    ...{
      instanceAt: head.instanceAt,
      setAside: head.setAside,
      leaving: head.leaving,
      handsOver: head.handsOver,
    },
    giveUp(address) {
      const id = head.instanceAt(address);
      if (id === null) return;
      peers.drop(id);
      head.lose(id);
    },
  });
  const schedules = deps.createSchedules({ generation, wake: resumeFor, onSubmitted: () => runner.wake() });
  const nodes = () => {
    reports.note(node.id, activity());
    const known = head.nodes();
    if (known !== null) reports.keepOnly(new Set(known.map(({ id }) => id)));
    return known?.map((one) => ({ ...one, ...reports.of(one.id) })) ?? null;
  };
  const idle = createIdle({
    ...{ control, readCluster: openCluster.get, generation, self: node, nodes, clock, log },
    jobs: () => runner.seen(),
    waiting: async () =>
      (await deps.jobs.queue()).flatMap((job) =>
        !isUnreadable(job) && job.status === "NEW" ? [job.id] : [],
      ),
    refuse: (id, why, now) =>
      deps.parking.perform(jobWrites.refuse({ clusterUuid: config.clusterUuid, id }, why, now)),
    replace: (id) => deps.group.end(id, true),
    readJob: deps.jobs.read,
    nextSlot: () => schedules.nextSlot(),
    onChange: () => head.wake(),
  });
  const peers = createPeerHub(
    {
      lease: () => {
        const held = generation();
        if (held === null) return null;
        return { generation: held, renewal: keeper.seen()?.renewal ?? 0, secretAt: keys.secretAt() };
      },
      onReport(peer, failing, { activity: seen, notices: announced }) {
        reports.note(peer.id, seen);
        head.report(peer, failing, announced);
      },
      onNudge: (given) => {
        // A head of before passes nothing on: two nodes would send it to and fro.
        if (generation() !== null) nudge(given);
      },
      status: (held) => status.update(held),
      onBye: head.leave,
      onLost: head.lose,
    },
    log,
  );
  const link = createHeadLink({
    node,
    dial: deps.dial,
    heartbeatMs,
    clock,
    failingProbes,
    activity,
    notices: notices.now,
    onRenewal: keeper.noteRenewal,
    onSecretAt: keys.noteSecretAt,
    onStatus: (given, update) => status.note(given, update),
    onChange: () => {
      orphans.doubt();
      role.wake();
    },
    log,
  });
  const role = createRoleLoop({ keeper, head, link, peers, ttlMs, isReady, clock, log });

  const status = createStatus({
    self: { id: node.id, address: node.address },
    ...{ isHead: () => generation() !== null, seen: head.seen, queue: deps.queueView, clock },
    ...{ ask: link.askStatus, isConnected: link.isConnected },
    ...{ readCluster: deps.cluster.readCluster, readNodes: deps.cluster.readNodes },
  });

  /** To the head, which this node may be. */
  const nudge = paced<Nudge>((given) => (generation() === null ? link.nudge(given) : runner.nudge(given)), {
    gapMs: NUDGE_GAP_MS,
    merge: mergeNudges,
    clock,
  });
  const knownHead = () => {
    if (generation() !== null) return { id: node.id, address: node.address };
    const lease = link.isConnected() ? keeper.seen() : null;
    return lease === null ? null : { id: lease.holder, address: lease.holderAddress };
  };
  const failingHere = () => [...failingProbes(), ...(knownHead() === null ? [HEAD_PROBE] : [])];
  const { connections } = deps;
  const plain = config.httpProbes ? buildProbesApp({ failingProbes: failingHere, connections, log }) : null;
  /** By the head, which this node may be. */
  async function startNow(job: JobItem): Promise<Offered> {
    if (!mayBePlanned(job.request)) return null;
    if (generation() !== null) return runner.startNow(job);
    const address = knownHead()?.address;
    return address === undefined ? null : deps.offer(address, job);
  }
  const app = await buildApp({
    keys,
    failingProbes: failingHere,
    status: { clusterUuid: config.clusterUuid, read: status.read },
    activity: {
      ...{ clusterUuid: config.clusterUuid, control, seen: idle.seen, now: () => clock.now() },
      readCluster: openCluster.get,
    },
    jobs: {
      clusterUuid: config.clusterUuid,
      submissions: deps.submissions,
      view: deps.jobsView,
      wake,
      readJob: deps.jobs.read,
      readCluster: openCluster.get,
      startNow,
      nudge(given) {
        // A nudge for no job comes after a rotation of the secret, too.
        if (given.jobId === null) keys.doubt();
        nudge(given);
      },
      now: () => clock.now(),
    },
    logs: {
      views: createLogViews({
        ...{ outputs: deps.outputs, bucket: deps.logBucket, clock },
        readJob: deps.jobs.read,
        readAttempt: deps.jobs.readAttempt,
      }),
      clock,
    },
    events: {
      history: deps.history,
      feed: createEventFeed({ history: deps.history, clock, log }),
      now: () => clock.now(),
    },
    metrics: createMetrics({
      probes: () => {
        const failing = failingProbes();
        const names = new Set([...deps.probes.map(({ name }) => name), ...failing]);
        return [...names].map((name) => ({ name, isPassing: !failing.includes(name) }));
      },
      generation,
      nodesByState: head.nodesByState,
      isJobRunning: () => runner.running() !== null,
      pendingLogs: deps.pendingLogs,
      counts: deps.counts,
    }),
    peers,
    preflight: deps.preflight,
    // A head of before passes nothing on.
    offers: { clusterUuid: config.clusterUuid, startNow: runner.startNow },
    keepJournal: deps.keepJournal,
    jobHost: { processes: deps.processes, generation },
    addLaunchRoute: deps.addLaunchRoute,
    preparations: deps.preparations,
    ...{ connections, log },
  });

  await readiness.start();
  try {
    await app.listen({ host: identity.address, port: AGENT_PORT });
    await plain?.listen({ host: identity.address, port: PROBES_PORT });
  } catch (error) {
    throw new AgentError("listen-failed", reasonOf(error), error);
  }
  keys.start(() => generation() !== null);
  logins.start();
  runner.start();
  role.start();
  idle.start();
  schedules.start();
  orphans.start();
  notices.start();

  return {
    async close() {
      const isJobRunning = runner.running() !== null;
      const loops = [role, runner, schedules, orphans, keys, idle, logins, notices];
      await Promise.all(loops.map((loop) => loop.stop()));
      head.stop();
      if (!isJobRunning) await keeper.release();
      peers.closeAll();
      await link.close();
      readiness.stop();
      await plain?.close();
      await app.close();
    },
  };
}
