import type { Logger } from "pino";
import type { NodeNotice } from "../contract/node-notice.js";
import { CLOSE, type HeadMessage, type PeerNode, type PeerNudge, parseNodeMessage } from "./messages.js";
import type { PeerSocket } from "./socket.js";

/** What the head does with its peers' messages. */
export interface PeerEvents {
  /** The lease as last renewed, or null while this node is not head. */
  lease(): { readonly generation: number; readonly renewal: number } | null;
  /** A hello or a heartbeat. */
  onReport(node: PeerNode, failingProbes: readonly string[], notices: readonly NodeNotice[]): void;
  /** Word of a node that a job was submitted or cancelled there. */
  onNudge(nudge: PeerNudge): void;
  onBye(id: string): void;
  onLost(id: string): void;
}

/** The head's side of all connections to peers. */
export interface PeerHub {
  /** Takes over a connection whose role has been checked. */
  accept(socket: PeerSocket): void;
  /** Ends the node's connection at once, without onLost: if it is there yet it has to connect anew. */
  drop(id: string): void;
  /** Ends every connection: this node is not head any more. */
  closeAll(): void;
}

const HELLO_TIMEOUT_MS = 5_000;

export function createPeerHub(events: PeerEvents, log: Logger): PeerHub {
  const byNode = new Map<string, PeerSocket>();
  const sockets = new Set<PeerSocket>();

  function answer(socket: PeerSocket): void {
    const lease = events.lease();
    if (lease === null) socket.close(CLOSE.STEPPED_DOWN, "not head any more");
    else socket.send(JSON.stringify({ type: "lease", ...lease } satisfies HeadMessage));
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
        events.onReport(node, message.failingProbes, message.notices ?? []);
        answer(socket);
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
