import type { FastifyRequest } from "fastify";
import { AgentError } from "../errors.js";

/** A WebSocket as far as its bounds need it; `ws` has one that fits. */
interface ProxiedSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  terminate(): void;
}

/** As `ws` gives it. */
type Message = Buffer | ArrayBuffer | Buffer[];
const bytesOf = (data: Message): number =>
  Array.isArray(data) ? data.reduce((sum, part) => sum + part.byteLength, 0) : data.byteLength;

/** Windows of JupyterLab have a socket for each kernel and each terminal, and one for events. */
const MAX_SOCKETS = 256;
/** Of one message: what a cell shows at once. */
const MAX_MESSAGE_BYTES = 32 * 1_024 * 1_024;
/** What may wait in this process for the other end to take it. */
const MAX_WAITING_BYTES = 64 * 1_024 * 1_024;
/** As long as JupyterLab has not answered yet, what the browser sends meanwhile is kept. */
const MAX_EARLY_BYTES = 1_024 * 1_024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const CONNECTING = 0;
const OPEN = 1;

/** The bounds of the WebSockets that are passed on: their number, the size of a message, and what may wait. */
export function boundedSockets() {
  const places = new Set<FastifyRequest["raw"]["socket"]>();
  /** By the socket to JupyterLab: what waits until it is open. */
  const early = new WeakMap<object, number>();

  function end(source: ProxiedSocket, target: ProxiedSocket): void {
    source.terminate();
    target.terminate();
  }

  return {
    /** Call it before the upgrade. The place is the connection's until that closes. Throws AgentError overloaded. */
    takePlace({ raw: { socket } }: FastifyRequest): void {
      if (places.size >= MAX_SOCKETS) throw new AgentError("overloaded", `${places.size} WebSockets`);
      if (socket.destroyed) return;
      places.add(socket);
      socket.once("close", () => places.delete(socket));
    },
    limits: {
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
    },
    hooks: {
      /** A browser that has left before JupyterLab answered: its connection there would stay forever. */
      onConnect(_context: unknown, source: ProxiedSocket, target: ProxiedSocket): void {
        if (source.readyState !== OPEN) target.terminate();
      },
      onIncomingMessage(
        _context: unknown,
        source: ProxiedSocket,
        target: ProxiedSocket,
        { data }: { readonly data: Message },
      ): void {
        if (target.readyState === CONNECTING) {
          const waiting = (early.get(target) ?? 0) + bytesOf(data);
          early.set(target, waiting);
          if (waiting > MAX_EARLY_BYTES) end(source, target);
        } else if (target.bufferedAmount > MAX_WAITING_BYTES) end(source, target);
      },
      /** A kernel may print faster than a browser reads. */
      onOutgoingMessage(_context: unknown, source: ProxiedSocket, target: ProxiedSocket): void {
        if (source.bufferedAmount > MAX_WAITING_BYTES) end(source, target);
      },
    },
  };
}
