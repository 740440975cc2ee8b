import type { WatchedActivity } from "./activity.js";
import type { AgentDeps } from "./agent-deps.js";
import type { HeadParts } from "./head-parts.js";
import type { Nudge } from "./jobs/nudge.js";
import type { NodeHealth } from "./node-health.js";
import { createHeadLink, type HeadLink, type HeadLinkDeps } from "./peers/head-link.js";
import { createPeerHub, type PeerEvents, type PeerHub } from "./peers/peer-socket.js";
import { createRoleLoop, type RoleDeps } from "./role.js";
import { createStatus, type Status } from "./status/status.js";
import type { Loop } from "./time/loop.js";

/** What of a running agent its connections to others need. */
interface Around extends Omit<HeadParts, "runner"> {
  readonly self: HeadLinkDeps["node"];
  readonly health: NodeHealth;
  readonly activity: Pick<WatchedActivity, "here" | "note">;
  readonly ttlMs: number;
  readonly heartbeatMs: number;
  readonly restMs: number;
  /** To the head, which this node may be. */
  nudge(nudge: Nudge): void;
}

/** The connections between the head and the other nodes, from either end, and what goes by them. None of it is started yet. */
export interface PeerParts {
  readonly peers: PeerHub;
  readonly link: HeadLink;
  readonly role: Loop;
  readonly status: Status;
}

export function createPeerParts(deps: AgentDeps, around: Around): PeerParts {
  const { clock, log } = deps;
  const { self, keeper, head, generation, isReady, ttlMs, restMs } = around;
  const peers = createPeerHub(
    peerEvents(deps, around, () => status),
    log,
  );
  const link = createHeadLink({
    ...linkDeps(deps, around),
    onStatus: (given, update) => status.note(given, update),
    onChange() {
      around.health.doubt();
      role.wake();
    },
  });
  const parts: RoleDeps = { keeper, head, link, peers, ttlMs, restMs, isReady, clock, log };
  const role = createRoleLoop(parts);
  const status = createStatus({
    self: { id: self.id, address: self.address },
    ...{ isHead: () => generation() !== null, seen: head.seen, queue: deps.queueView, clock },
    ...{ ask: link.askStatus, isConnected: link.isConnected },
    ...{ readCluster: deps.cluster.readCluster, readNodes: deps.cluster.readNodes },
  });
  return { peers, link, role, status };
}

/** What the head does with what its peers say. */
const peerEvents = (
  { keys }: AgentDeps,
  { keeper, head, generation, activity, nudge, restMs }: Around,
  status: () => Status,
): PeerEvents => ({
  lease() {
    const held = generation();
    if (held === null) return null;
    return {
      ...{ generation: held, renewal: keeper.seen()?.renewal ?? 0, secretAt: keys.secretAt() },
      ...(head.isAtRest() ? { restMs } : {}),
    };
  },
  onReport(peer, failing, { activity: seen, notices, shutsDown }) {
    activity.note(peer.id, seen);
    if (shutsDown) head.shutsDown(peer);
    else head.report(peer, failing, notices);
  },
  onNudge(given) {
    // A head of before passes nothing on: two nodes would send it to and fro.
    if (generation() !== null) nudge(given);
  },
  status: (held) => status().update(held),
  onBye: head.leave,
  onLost: head.lose,
});

const linkDeps = (deps: AgentDeps, { self, health, activity, keeper, heartbeatMs }: Around) => ({
  ...{ node: self, dial: deps.dial, heartbeatMs, clock: deps.clock, log: deps.log },
  failingProbes: health.failingProbes,
  activity: activity.here,
  notices: health.notices.now,
  shutsDown: health.shutsDown,
  isBusy: health.orphans.isAnyRunning,
  onRenewal: keeper.noteRenewal,
  onSilence: health.orphans.suspect,
  onSecretAt: deps.keys.noteSecretAt,
});
