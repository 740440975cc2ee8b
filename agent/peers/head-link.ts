import type { Logger } from "pino";
import type { NodeActivity } from "../contract/activity.js";
import type { NodeNotice } from "../contract/node-notice.js";
import type { LeaseItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";
import { dialDelayMs } from "./dial-delay.js";
import { answered, silentAfterMs } from "./head-silence.js";
import {
  type HeadMessage,
  MISSED_HEARTBEATS,
  type NodeMessage,
  PEER_PATH,
  type PeerNode,
  type PeerNudge,
  parseHeadMessage,
  type StatusUpdate,
} from "./messages.js";
import { createPace, type Pace } from "./pace.js";
import type { PeerSocket } from "./socket.js";

/** A node's connection to the head. */
export interface HeadLink {
  /** Whether the head has answered recently. */
  isConnected(): boolean;
  /** Connects to the lease's holder unless a connection or an attempt to that very generation exists. Returns at once. */
  follow(lease: LeaseItem): void;
  /** Reports the failing probes to the head now, instead of at the next heartbeat. */
  reportNow(): void;
  /** Passes a nudge on to the head. Without a head it is lost: the next one looks at the queue anyway. */
  nudge(nudge: PeerNudge): void;
  /** Asks the head for the cluster's status: `onStatus` hears it. `held` as in the message. Without a head nothing comes. */
  askStatus(held: number): void;
  /** Says goodbye and closes; resolves when it is sent, bounded. The link can follow again later. */
  close(): Promise<void>;
}

/** Begins a WebSocket to the agent at `address`, as a peer; it emits `error` when that takes longer than `timeoutMs`. */
export type DialPeer = (address: string, path: string, timeoutMs: number) => PeerSocket;

export interface HeadLinkDeps {
  readonly node: PeerNode;
  readonly dial: DialPeer;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  failingProbes(): readonly string[];
  /** What this node reports of activity there. */
  activity(): readonly NodeActivity[];
  /** What EC2 announces about this node. */
  notices(): readonly NodeNotice[];
  /** Whether this machine goes down, or restarts. */
  shutsDown(): boolean;
  /** Whether something of mpiexec's runs here: it must not outlive the head for long, whether or not the head knows of it. */
  isBusy(): boolean;
  onRenewal(generation: number, renewal: number): void;
  /** Since when the cluster's secret is what the head has, in Unix milliseconds. */
  onSecretAt(secretAt: number): void;
  /** What the head answers to `askStatus`; `generation` is its own. */
  onStatus(generation: number, update: StatusUpdate): void;
  /** The head at `address` has answered nothing since `sinceMs` of the monotonic clock: said with each heartbeat until it answers, or is lost. */
  onSilence(address: string, sinceMs: number): void;
  /** The connection began or ended. */
  onChange(): void;
  readonly log: Logger;
}

interface HeadConnection {
  readonly socket: PeerSocket;
  readonly lease: LeaseItem;
  readonly pace: Pace;
  /** From [0, 1): this node's place among those that notice the head's silence. */
  readonly share: number;
  answeredAtMs: number;
  gapMs: number;
  isWelcome: boolean;
}

/** A dial that waits for its time. */
interface Waiting {
  readonly generation: number;
  readonly timer: NodeJS.Timeout;
}

const BYE_TIMEOUT_MS = 1_000;
/** A shorter delay of an answer spares the head nothing, and would wake this node once more. */
const AT_ONCE_MS = 50;
/**
 * After so many heartbeats without an answer another connection is tried beside this one: where the network has dropped this one without a
 * word, the other one takes its place. A head that is only slow has until MISSED_HEARTBEATS.
 */
const DOUBTFUL_HEARTBEATS = 2;

export function createHeadLink(deps: HeadLinkDeps): HeadLink {
  const { clock, heartbeatMs, log } = deps;
  const silentMs = MISSED_HEARTBEATS * heartbeatMs;
  let current: HeadConnection | null = null;
  /** The other one, while `current` is doubted. */
  let spare: HeadConnection | null = null;
  let waiting: Waiting | null = null;
  let failures = 0;
  let nodes = 0;
  let lastWhy: string | null = null;

  function end(connection: HeadConnection): void {
    connection.pace.end();
    connection.socket.terminate();
  }

  function stopWaiting(): void {
    clearTimeout(waiting?.timer);
    waiting = null;
  }

  function drop(connection: HeadConnection, why: string): void {
    end(connection);
    if (connection === spare) spare = null;
    if (current !== connection) return;
    [current, spare] = [spare, null];
    stopWaiting();
    if (!connection.isWelcome) {
      failures += 1;
      // Said once, not each second: it may be a certificate that does not count.
      if (why !== lastWhy) log.warn({ why }, "no connection to the head; trying again");
      lastWhy = why;
      return;
    }
    log.warn({ generation: connection.lease.generation, why }, "connection to the head lost");
    deps.onChange();
  }

  function send(connection: HeadConnection, message: NodeMessage): void {
    if (connection.socket.readyState === connection.socket.OPEN)
      connection.socket.send(JSON.stringify(message));
  }

  function state() {
    const notices = deps.notices();
    return {
      failingProbes: [...deps.failingProbes()],
      activity: [...deps.activity()],
      ...(notices.length === 0 ? {} : { notices: [...notices] }),
      ...(deps.shutsDown() ? { shutsDown: true as const } : {}),
    };
  }

  /** The head should have asked by now: this node asks, and the head has as long to answer as ever. */
  function unasked(connection: HeadConnection): void {
    connection.answeredAtMs = clock.monotonicMs();
    connection.pace.set(null);
    beat(connection);
  }

  function beat(connection: HeadConnection): void {
    if (connection.pace.isAtRest()) {
      send(connection, { type: "heartbeat", ...state() });
      return;
    }
    const unansweredMs = clock.monotonicMs() - connection.answeredAtMs;
    if (unansweredMs > silentMs) {
      drop(connection, "the head is silent");
      return;
    }
    send(connection, { type: "heartbeat", ...state() });
    const { lease, share } = connection;
    if (connection.isWelcome && unansweredMs > silentAfterMs(connection, { heartbeatMs, nodes, share }))
      deps.onSilence(lease.holderAddress, connection.answeredAtMs);
    if (unansweredMs > DOUBTFUL_HEARTBEATS * heartbeatMs) doubt(connection);
  }

  function doubt({ lease, isWelcome }: HeadConnection): void {
    if (!isWelcome || spare !== null || waiting !== null) return;
    wait(lease, () => {
      spare = connect(lease);
    });
  }

  function wait(lease: LeaseItem, dial: () => void): void {
    const delayMs = dialDelayMs({ nodes, failures, random: Math.random() });
    const begin = () => {
      waiting = null;
      dial();
    };
    if (delayMs === 0) begin();
    else waiting = { generation: lease.generation, timer: setTimeout(begin, delayMs) };
  }

  function receive(connection: HeadConnection, text: string): void {
    const message = parseHeadMessage(text);
    if (message === null) {
      drop(connection, "the head sent what is no message");
      return;
    }
    const nowMs = clock.monotonicMs();
    // Between two questions of a head at rest there is no gap to learn from.
    Object.assign(
      connection,
      connection.pace.isAtRest() ? { answeredAtMs: nowMs, gapMs: 0 } : answered(connection, nowMs),
    );
    note(message);
    connection.pace.set(deps.isBusy() ? null : (message.restMs ?? null));
    if (message.asks) answer(connection);
    if (message.status !== undefined) deps.onStatus(message.generation, message.status);
    if (connection === current) calm();
    if (connection.isWelcome) return;
    connection.isWelcome = true;
    welcome(connection, message);
  }

  /** The nodes of a large cluster, which are asked in one moment, don't answer in one. */
  function answer(connection: HeadConnection): void {
    const spreadMs = dialDelayMs({ nodes, failures: 0, random: connection.share });
    const delayMs = Math.min(heartbeatMs, spreadMs);
    const say = () => send(connection, { type: "heartbeat", ...state(), isAsked: true });
    if (delayMs < AT_ONCE_MS) say();
    else setTimeout(say, delayMs);
  }

  function note({ generation, renewal, secretAt, nodes: known }: HeadMessage): void {
    deps.onRenewal(generation, renewal);
    if (secretAt !== undefined) deps.onSecretAt(secretAt);
    nodes = known ?? nodes;
  }

  /** The connection is not doubted any more. */
  function calm(): void {
    stopWaiting();
    if (spare !== null) drop(spare, "not needed");
  }

  function welcome(connection: HeadConnection, { generation }: HeadMessage): void {
    [failures, lastWhy] = [0, null];
    if (connection !== spare) {
      log.info({ generation }, "connected to the head");
      deps.onChange();
      return;
    }
    const doubted = current;
    [current, spare] = [connection, null];
    if (doubted !== null) end(doubted);
    log.warn({ generation }, "the connection to the head was dead; another one has taken its place");
  }

  function connect(lease: LeaseItem): HeadConnection {
    const socket = deps.dial(lease.holderAddress, PEER_PATH, silentMs);
    const connection: HeadConnection = {
      ...{ socket, lease },
      pace: createPace({ heartbeatMs, beat: () => beat(connection), unasked: () => unasked(connection) }),
      answeredAtMs: clock.monotonicMs(),
      ...{ share: Math.random(), gapMs: 0 },
      isWelcome: false,
    };
    socket.on("open", () => send(connection, { type: "hello", node: deps.node, ...state() }));
    socket.on("message", (data) => receive(connection, String(data)));
    socket.on("error", (error) => drop(connection, error.message));
    socket.on("close", (code, reason) => drop(connection, String(reason) || `closed (${code})`));
    return connection;
  }

  return {
    isConnected: () => current?.isWelcome ?? false,
    follow(lease) {
      const { generation } = lease;
      if (
        current?.lease.generation === generation ||
        (current === null && waiting?.generation === generation)
      )
        return;
      if (spare) drop(spare, "a newer head");
      if (current) drop(current, "a newer head");
      stopWaiting();
      wait(lease, () => {
        current = connect(lease);
      });
    },
    reportNow() {
      if (!current?.isWelcome) return;
      if (deps.isBusy()) current.pace.set(null);
      beat(current);
    },
    nudge(nudge) {
      if (current?.isWelcome) send(current, { type: "nudge", ...nudge });
    },
    askStatus(statusHeld) {
      if (!current?.isWelcome) return;
      send(current, { type: "heartbeat", ...state(), statusHeld });
    },
    async close() {
      stopWaiting();
      if (spare) drop(spare, "not needed");
      const connection = current;
      if (connection === null) return;
      current = null;
      connection.pace.end();
      send(connection, { type: "bye" });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          connection.socket.terminate();
          resolve();
        }, BYE_TIMEOUT_MS);
        connection.socket.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
        connection.socket.close();
      });
    },
  };
}
