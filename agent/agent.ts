import { watchActivity } from "./activity.js";
import type { AgentDeps } from "./agent-deps.js";
import { isClosed } from "./contract/cluster-state.js";
import { AGENT_PORT, PROBES_PORT } from "./contract/names.js";
import { isWorker } from "./contract/node-kind.js";
import { isBinding } from "./contract/node-notice.js";
import { type ParkControl, resumeCluster, wakeForJob } from "./contract/park.js";
import type { ClusterItem, JobItem } from "./contract/registry.js";
import { AgentError, reasonOf } from "./errors.js";
import { createCleaner } from "./head/cleaner.js";
import { createHead } from "./head/head.js";
import { replacementLimits } from "./head/replacement-limits.js";
import { buildApp } from "./http/app.js";
import { buildProbesApp } from "./http/probes-app.js";
import { mergeNudges, type Nudge } from "./jobs/nudge.js";
import type { Offered } from "./jobs/offers.js";
import { mayBePlanned } from "./jobs/planned-launch.js";
import { isUnreadable } from "./jobs/ports.js";
import { createLeaseKeeper } from "./lease/keeper.js";
import { createNoticeWatch } from "./node/notice-watch.js";
import { createClusterHold } from "./notebook/cluster-hold.js";
import { createHeadLink } from "./peers/head-link.js";
import { createPeerHub } from "./peers/peer-socket.js";
import { createReadiness } from "./probes/readiness.js";
import { createRoleLoop } from "./role.js";
import { servedBy } from "./serve.js";
import { createStatus } from "./status/status.js";
import { paced } from "./time/paced.js";
import { recent } from "./time/recent.js";

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
    ...(config.notebook === undefined ? {} : { notebook: config.notebook.name }),
  };
  // One that EC2 takes is a bad head, but not a bad place for what runs there yet.
  const isTaken = () => notices.now().some(isBinding) && runner.running() === null;
  const isReady = () =>
    readiness.failing().length === 0 && !head.isSetAside(node.id) && !head.isToHandOver() && !isTaken();
  const generation = () => keeper.generation();

  const reportNow = () => {
    link.reportNow();
    if (generation() !== null) head.report(node, failingProbes(), notices.now());
    deps.notebook?.wake();
  };
  const notices = createNoticeWatch({ read: deps.readNotices, onChange: reportNow, clock, log });
  const control: ParkControl = {
    ...deps.parking,
    readCluster: deps.cluster.readCluster,
    setSize: deps.group.setSize,
    note: deps.note,
  };
  const resumeFor = (job: JobItem) => resumeCluster(control, `job ${job.id}`, clock.now);
  const wake = (job: JobItem) => wakeForJob(control, job, clock.now);
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
      boundBy: () => {
        const holder = hold.holder();
        return holder === null ? head.boundBy() : [holder];
      },
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
  const activity = watchActivity(deps, {
    ...{ node, control, generation, readCluster: openCluster.get, head, runner },
    nextSlot: () => schedules.nextSlot(),
  });
  const peers = createPeerHub(
    {
      lease: () => {
        const held = generation();
        if (held === null) return null;
        return { generation: held, renewal: keeper.seen()?.renewal ?? 0, secretAt: keys.secretAt() };
      },
      onReport(peer, failing, { activity: seen, notices: announced }) {
        activity.note(peer.id, seen);
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
    activity: activity.here,
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
  const hold = createClusterHold({
    term() {
      const seen = head.seen();
      return seen === null ? null : { ...seen, isShared: seen.meta.shareWithNotebooks === true };
    },
    runningJob: () => runner.running(),
    clock,
  });
  const served = servedBy(deps, {
    ...{
      generation,
      failingProbes,
      failingHere,
      readCluster: openCluster.get,
      control,
      wake,
      startNow,
      nudge,
    },
    ...{ head, runner, peers, status, idle: activity, hold },
  });
  const app = await buildApp(served);

  await readiness.start();
  try {
    await app.listen({ host: identity.address, port: AGENT_PORT });
    await plain?.listen({ host: identity.address, port: PROBES_PORT });
  } catch (error) {
    throw new AgentError("listen-failed", reasonOf(error), error);
  }
  await deps.notebook?.start({
    served,
    failing: () => [
      ...readiness.failures(),
      ...orphans.failing().map((name) => ({ name, reason: "what is over runs here yet" })),
    ],
    headAddress: () => knownHead()?.address ?? null,
    readCluster: openCluster.get,
  });
  deps.homes.start();
  keys.start(() => generation() !== null);
  runner.start();
  role.start();
  activity.start();
  schedules.start();
  orphans.start();
  notices.start();

  return {
    async close() {
      const isJobRunning = runner.running() !== null;
      await deps.notebook?.stop();
      const loops = [role, runner, schedules, orphans, keys, activity, notices, deps.homes];
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
