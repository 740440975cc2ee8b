import { pino } from "pino";
import { WebSocket } from "ws";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { createLeaseKeeper, type LeaseStore } from "../../../agent/lease/keeper.js";
import { createHeadLink, type DialPeer } from "../../../agent/peers/head-link.js";
import { createRoleLoop } from "../../../agent/role.js";
import { LINK_CURVES } from "../../../agent/system/peer-client.js";
import { systemClock as clock } from "../../../agent/time/clock.js";
import { CLUSTER_SECRET, testAuthority } from "../agent/tls.js";

/** A node that is all of an agent that a head meets: its lease keeper, its role and its link, over a real WebSocket. */
export interface SimulatedNode {
  readonly id: string;
  readonly address: string;
  isConnected(): boolean;
  /** Asks the head for the cluster's status, as for a client. */
  askStatus(): void;
  stop(): Promise<void>;
}

/** What happened to all of them. */
export interface NodesSeen {
  /** When the last of them was welcome, on this process's monotonic clock. */
  lastWelcomeAtMs: number;
  /**
   * When each attempt to take the lease was made. All of them are refused, as if another had been faster, for there is no head in such a
   * node: so there are more of them than in a cluster of whole agents, where the first one ends them.
   */
  takesAtMs: number[];
  /** Answers to askStatus, and the nodes in them. */
  statuses: number;
  statusNodes: number;
}

const CORES = 2;
const AUTHORITY = testAuthority();

/** From its own address, as nodes connect. */
const dialFrom =
  (localAddress: string): DialPeer =>
  (address, path, handshakeTimeout) =>
    new WebSocket(`wss://${address}:${AGENT_PORT}${path}`, {
      ...{ headers: { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "peer")}` }, localAddress },
      ...{ handshakeTimeout, perMessageDeflate: false, ca: AUTHORITY, ecdhCurve: LINK_CURVES },
    });

/** Starts `i-sim-<n>` on 127.20.x.y. */
export function simulateNode(n: number, store: LeaseStore, ttlMs: number, seen: NodesSeen): SimulatedNode {
  const log = pino({ level: "silent" });
  const id = `i-sim-${String(n).padStart(11, "0")}`;
  const address = `127.20.${n >> 8}.${n & 255}`;
  const keeper = createLeaseKeeper({
    store: {
      read: () => store.read(),
      async take() {
        seen.takesAtMs.push(clock.monotonicMs());
        return false;
      },
      renew: async () => false,
      release: async () => false,
    },
    ...{ clock, ttlMs, log, self: { id, address }, isReady: () => true, mayHold: true },
  });
  const link = createHeadLink({
    node: { id, address, hostname: `ip-${n}`, cores: CORES, kind: "worker" },
    dial: dialFrom(address),
    heartbeatMs: Math.min(1_000, ttlMs / 10),
    ...{
      clock,
      log,
      failingProbes: () => [],
      activity: () => [],
      notices: () => [],
      shutsDown: () => false,
      isBusy: () => false,
      onRenewal: keeper.noteRenewal,
    },
    onSecretAt: () => {},
    onSilence: () => {},
    onStatus(_generation, { nodes = [] }) {
      seen.statuses += 1;
      seen.statusNodes += nodes.length;
    },
    onChange() {
      if (link.isConnected()) seen.lastWelcomeAtMs = clock.monotonicMs();
      role.wake();
    },
  });
  const role = createRoleLoop({
    ...{ keeper, link, ttlMs, restMs: ttlMs / 3, clock, log, isReady: () => true },
    head: { start: () => {}, stop: () => {}, hasReadyPeer: () => true, isAtRest: () => false },
    peers: { closeAll: () => {}, ask: () => {} },
  });
  void role.start();
  return {
    ...{ id, address, isConnected: link.isConnected, askStatus: () => link.askStatus(0) },
    async stop() {
      await role.stop();
      await link.close();
    },
  };
}
