import type { Logger } from "pino";
import type { NodeActivity } from "../contract/activity.js";
import type { NodeNotice } from "../contract/node-notice.js";
import {
  CLOSE,
  type HeadMessage,
  type PeerNode,
  type PeerNudge,
  parseNodeMessage,
  type StatusUpdate,
} from "./messages.js";
import type { PeerSocket } from "./socket.js";

/** What a report says beside the probes. */
interface Said {
  /** Missing: the node's agent does not say it. */
  readonly activity: readonly NodeActivity[] | undefined;
  /** What EC2 announces about the node. */
  readonly notices: readonly NodeNotice[];
  /** Whether its machine goes down, or restarts. */
  readonly shutsDown: boolean;
}

/** What the head does with its peers' messages. */
export interface PeerEvents {
  /** The lease as last renewed, with the time of the secret, and how the nodes are asked at rest; null while this node is not head. */
  lease(): Omit<HeadMessage, "type" | "nodes" | "asks" | "status"> | null;
  /** A hello or a heartbeat. */
  onReport(node: PeerNode, failingProbes: readonly string[], said: Said): void;
  /** Word of a node that a job was submitted or cancelled there. */
  onNudge(nudge: PeerNudge): void;
  /** The status for a node that has the nodes in version `held`; null: there is none now, or too much is sent already. Never rejects. */
  status(held: number): Promise<StatusUpdate | null>;
  onBye(id: string): void;
  onLost(id: string): void;
}

/** The head's side of all connections to peers. */
export interface PeerHub {
  /** Takes over a connection whose role has been checked. */
  accept(socket: PeerSocket): void;
  /** Asks every node for its heartbeat, and tells them whether the cluster is at rest. */
  ask(): void;
  /** Ends the node's connection at once, without onLost: if it is there yet it has to connect anew. */
  drop(id: string): void;
  /** Ends every connection: this node is not head any more. */
  closeAll(): void;
}

const HELLO_TIMEOUT_MS = 5_000;

export function createPeerHub(events: PeerEvents, log: Logger): PeerHub {
  const byNode = new Map<string, PeerSocket>();
  const sockets = new Set<PeerSocket>();

  /** The message; null while this node is not head. */
  function render(more: Pick<HeadMessage, "asks" | "status">): string | null {
    const lease = events.lease();
    if (lease === null) return null;
    const message: HeadMessage = { type: "lease", ...lease, nodes: byNode.size, ...more };
    return JSON.stringify(message);
  }

  function send(socket: PeerSocket, text: string | null): void {
    if (text === null) socket.close(CLOSE.STEPPED_DOWN, "not head any more");
    else if (socket.readyState === socket.OPEN) socket.send(text);
  }

  const answer = (socket: PeerSocket, status: StatusUpdate | null = null): void =>
    send(socket, render(status === null ? {} : { status }));

  /** A second answer: the heartbeat's own never waits for it. */
  async function answerStatus(socket: PeerSocket, held: number): Promise<void> {
    const status = await events.status(held);
    if (status !== null) answer(socket, status);
  }

  /** The node's newest connection counts; an older one may linger after a cut. */
  function adopt(socket: PeerSocket, node: PeerNode): void {
    const older = byNode.get(node.id);
    byNode.set(node.id, socket);
    if (older !== undefined && older !== socket) older.close(CLOSE.REPLACED, "a newer connection");
    log.info({ node: node.id, address: node.address }, "node connected");
  }

  function accept(socket: PeerSocket): void {
    if (events.lease() === null) {
      socket.close(CLOSE.NOT_HEAD, "not head");
      return;
    }
    let node: PeerNode | null = null;
    sockets.add(socket);
    const helloTimer = setTimeout(() => socket.close(CLOSE.INVALID, "no hello"), HELLO_TIMEOUT_MS);

    socket.on("message", (data) => {
      const message = parseNodeMessage(String(data));
      if (message?.type === "hello") {
        clearTimeout(helloTimer);
        node = message.node;
        adopt(socket, node);
      }
      if (message === null || node === null) {
        socket.close(CLOSE.INVALID, "hello, heartbeat, nudge or bye is expected");
      } else if (message.type === "nudge") {
        const { type: _, ...nudge } = message;
        events.onNudge(nudge);
      } else if (message.type === "bye") {
        byNode.delete(node.id);
        events.onBye(node.id);
      } else {
        const { activity, notices = [], shutsDown = false } = message;
        events.onReport(node, message.failingProbes, { activity, notices, shutsDown });
        if (message.type === "heartbeat" && message.isAsked) return;
        answer(socket);
        if (message.type === "heartbeat" && message.statusHeld !== undefined)
          void answerStatus(socket, message.statusHeld);
      }
    });
    socket.on("close", () => {
      clearTimeout(helloTimer);
      sockets.delete(socket);
      if (node === null || byNode.get(node.id) !== socket) return;
      byNode.delete(node.id);
      log.warn({ node: node.id, address: node.address }, "node lost: its connection ended");
      events.onLost(node.id);
    });
  }

  return {
    accept,
    ask() {
      const text = render({ asks: true });
      for (const socket of byNode.values()) send(socket, text);
    },
    drop(id) {
      const socket = byNode.get(id);
      byNode.delete(id);
      socket?.terminate();
    },
    closeAll() {
      byNode.clear();
      for (const socket of sockets) socket.close(CLOSE.STEPPED_DOWN, "not head any more");
    },
  };
}
