import type { Logger } from "pino";
import type { NodeNotice } from "../contract/node-notice.js";
import type { LeaseItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";
import {
  MISSED_HEARTBEATS,
  type NodeMessage,
  PEER_PATH,
  type PeerNode,
  type PeerNudge,
  parseHeadMessage,
} from "./messages.js";
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
  /** What EC2 announces about this node. */
  notices(): readonly NodeNotice[];
  onRenewal(generation: number, renewal: number): void;
  /** The connection began or ended. */
  onChange(): void;
  readonly log: Logger;
}

interface HeadConnection {
  readonly socket: PeerSocket;
  readonly generation: number;
  readonly timer: NodeJS.Timeout;
  answeredAtMs: number;
  isWelcome: boolean;
}

const BYE_TIMEOUT_MS = 1_000;

export function createHeadLink(deps: HeadLinkDeps): HeadLink {
  const { clock, heartbeatMs, log } = deps;
  const silentMs = MISSED_HEARTBEATS * heartbeatMs;
  let current: HeadConnection | null = null;

  function reportNow() {
    const notices = deps.notices();
    return {
      failingProbes: [...deps.failingProbes()],
      ...(notices.length === 0 ? {} : { notices: [...notices] }),
    };
  }

  function drop(connection: HeadConnection, why: string): void {
    clearInterval(connection.timer);
    connection.socket.terminate();
    if (current !== connection) return;
    current = null;
    if (!connection.isWelcome) {
      log.debug({ why }, "no connection to the head");
      return;
    }
    log.warn({ generation: connection.generation, why }, "connection to the head lost");
    deps.onChange();
  }

  function send(connection: HeadConnection, message: NodeMessage): void {
    if (connection.socket.readyState === connection.socket.OPEN)
      connection.socket.send(JSON.stringify(message));
  }

  function beat(connection: HeadConnection): void {
    const isSilent = clock.monotonicMs() - connection.answeredAtMs > silentMs;
    if (isSilent) drop(connection, "the head is silent");
    else send(connection, { type: "heartbeat", ...reportNow() });
  }

  function receive(connection: HeadConnection, text: string): void {
    const message = parseHeadMessage(text);
    if (message === null) {
      drop(connection, "the head sent what is no message");
      return;
    }
    connection.answeredAtMs = clock.monotonicMs();
    deps.onRenewal(message.generation, message.renewal);
    if (connection.isWelcome) return;
    connection.isWelcome = true;
    log.info({ generation: message.generation }, "connected to the head");
    deps.onChange();
  }

  function connect(lease: LeaseItem): HeadConnection {
    const socket = deps.dial(lease.holderAddress, PEER_PATH, silentMs);
    const connection: HeadConnection = {
      socket,
      generation: lease.generation,
      timer: setInterval(() => beat(connection), heartbeatMs),
      answeredAtMs: clock.monotonicMs(),
      isWelcome: false,
    };
    socket.on("open", () => send(connection, { type: "hello", node: deps.node, ...reportNow() }));
    socket.on("message", (data) => receive(connection, String(data)));
    socket.on("error", (error) => drop(connection, error.message));
    socket.on("close", (code, reason) => drop(connection, String(reason) || `closed (${code})`));
    return connection;
  }

  return {
    isConnected: () => current?.isWelcome ?? false,
    follow(lease) {
      if (current?.generation === lease.generation) return;
      if (current) drop(current, "a newer head");
      current = connect(lease);
    },
    reportNow() {
      if (current?.isWelcome) beat(current);
    },
    nudge(nudge) {
      if (current?.isWelcome) send(current, { type: "nudge", ...nudge });
    },
    async close() {
      const connection = current;
      if (connection === null) return;
      current = null;
      clearInterval(connection.timer);
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
