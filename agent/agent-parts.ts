import { type WatchedActivity, watchActivity } from "./activity.js";
import type { AgentDeps } from "./agent-deps.js";
import { isClosed } from "./contract/cluster-state.js";
import { type ParkControl, resumeCluster } from "./contract/park.js";
import type { ClusterItem, JobItem } from "./contract/registry.js";
import { restMsFor } from "./head/rest.js";
import { restingCluster } from "./head/resting-cluster.js";
import { createHeadParts, type HeadParts } from "./head-parts.js";
import { createNodeHealth, type NodeHealth } from "./node-health.js";
import { createPeerParts, type PeerParts } from "./peer-parts.js";
import type { Schedules } from "./schedules/schedules.js";
import { type Recent, recent } from "./time/recent.js";
import { createToHead, type ToHead } from "./to-head.js";

const MAX_HEARTBEAT_MS = 1_000;
/** How old the word may be that the cluster takes jobs: so late may one still come in while it is being closed. */
const CLUSTER_FRESH_MS = 1_500;

/** The pieces of an agent. They know each other, by functions that are called once all of them are there. */
export interface AgentParts extends HeadParts, PeerParts {
  readonly health: NodeHealth;
  readonly control: ParkControl;
  readonly openCluster: Recent<ClusterItem | null>;
  readonly schedules: Schedules;
  readonly activity: WatchedActivity;
  readonly toHead: ToHead;
}

/** Makes them all, and starts none. */
export function createAgentParts(deps: AgentDeps): AgentParts {
  const { config, clock } = deps;
  const self = selfOf(deps);
  const ttlMs = config.leaseTtlSeconds * 1_000;
  const heartbeatMs = Math.min(MAX_HEARTBEAT_MS, ttlMs / 10);
  const common = { self, ttlMs, heartbeatMs, restMs: restMsFor(ttlMs) };
  const health = createNodeHealth(
    deps,
    () => {
      byPeers.link.reportNow();
      byPeers.role.wake();
      if (generation() !== null) tellOwnHead();
      deps.notebook?.wake();
    },
    () => runner,
  );
  function tellOwnHead(): void {
    if (health.shutsDown()) head.shutsDown(self);
    else head.report(self, health.failingProbes(), health.notices.now());
  }
  const control = controlOf(deps);
  const openCluster = openClusterOf(deps);
  const ofHead = restingCluster({ ...deps.cluster, readCluster: openCluster.read }, clock);
  const byHead = createHeadParts(deps, {
    ...{ ...common, health, cluster: ofHead },
    dropPeer: (id) => byPeers.peers.drop(id),
    onRestEnd() {
      byPeers.peers.ask();
      byPeers.role.wake();
    },
    onTerm() {
      schedules.wake();
      activity.wake();
    },
  });
  const { generation, head, keeper, runner } = byHead;
  const schedules = deps.createSchedules({
    generation,
    wake: (job: JobItem) => resumeCluster(control, `job ${job.id}`, clock.now),
    onSubmitted: () => runner.wake(),
  });
  const activity = watchActivity(deps, {
    ...{ node: self, control, generation, runner },
    // Of a cluster at rest the head reads META for both.
    async readCluster() {
      const known = ofHead.known();
      return known === undefined ? openCluster.get() : known;
    },
    head: {
      nodes: head.nodes,
      wake() {
        ofHead.wake();
        head.wake();
      },
    },
    nextSlot: () => schedules.nextSlot(),
  });
  const toHead = createToHead(deps, { self, generation, keeper, runner, link: () => byPeers.link });
  const byPeers: PeerParts = createPeerParts(deps, {
    ...{ ...common, ...byHead, health, activity, nudge: toHead.nudge },
  });
  return { health, control, openCluster, schedules, activity, toHead, ...byHead, ...byPeers };
}

const selfOf = ({ identity, config, cores, bootedAt }: AgentDeps) => ({
  id: identity.instanceId,
  address: identity.address,
  hostname: identity.hostname,
  cores,
  kind: config.kind,
  bootedAt: bootedAt.toISOString(),
  ...(config.notebook === undefined ? {} : { notebook: config.notebook.name }),
});

const controlOf = (deps: AgentDeps): ParkControl => ({
  ...deps.parking,
  readCluster: deps.cluster.readCluster,
  setSize: deps.group.setSize,
  note: deps.note,
});

/** The head reads the cluster each second for itself, and so saves its clients that read. */
function openClusterOf({ cluster, clock }: AgentDeps): Recent<ClusterItem | null> {
  const isOpen = (meta: ClusterItem | null) => meta !== null && !isClosed(meta);
  return recent(cluster.readCluster, isOpen, { freshMs: CLUSTER_FRESH_MS, clock });
}
