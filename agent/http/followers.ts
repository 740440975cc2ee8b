import type { FastifyInstance, FastifyRequest } from "fastify";
import { AgentError, reasonOf } from "../errors.js";

/** A WebSocket as far as a follower needs it; `ws` has one that fits. */
interface FollowSocket {
  send(data: Uint8Array | string, sent: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "close" | "error", heard: () => void): unknown;
}

/** A client that follows something. */
interface Client {
  /** Each message waits until the one before it has left this process: nothing piles up for a client that does not read. */
  send(data: Uint8Array | string): Promise<void>;
  readonly gone: AbortSignal;
}

/** Those who follow on one route of this node. */
export interface Followers {
  /**
   * Call it before the upgrade, so that a client gets the refusal as any other error. Throws AgentError too-many-followers, and request-invalid
   * where the client asks for no WebSocket: its connection would keep a place for nothing.
   */
  takePlace(request: FastifyRequest): void;
  /** Serves a client that has been upgraded, until `serve` has ended or the client is gone; where it rejects, the socket closes with 4500. */
  serve(
    socket: FollowSocket,
    request: FastifyRequest,
    what: string,
    serve: (client: Client) => Promise<void>,
  ): Promise<void>;
}

const NO_UPGRADE = "only a WebSocket can follow: open wss:// in place of https:// here";
/** Of one route; each holds some 100 KB. */
const MAX_FOLLOWERS = 64;
/** A follower that takes nothing for so long is gone. */
const STALLED_MS = 600_000;
/** So that the end of a machine is noticed. */
const KEEP_ALIVE_MS = 30_000;
/** Close code: the node can't read what is followed any more. 4000-4999 are the application's. */
const CLOSE_FAILED = 4500;

/** Call it once for a route, before the app is ready. */
export function openFollowers(app: FastifyInstance): Followers {
  const sockets = new Set<FollowSocket>();
  const places = createPlaces(MAX_FOLLOWERS);
  // One that does not read would not answer a closing handshake either.
  app.addHook("preClose", async () => {
    for (const socket of sockets) socket.terminate();
  });
  return {
    takePlace(request) {
      if (!request.ws) throw new AgentError("request-invalid", NO_UPGRADE);
      places.take(request.raw.socket);
    },
    async serve(socket, request, what, serve) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      request.raw.socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const client = clientAt(socket);
      try {
        await serve(client);
      } catch (error) {
        if (client.gone.aborted) return;
        request.log.warn({ reason: reasonOf(error) }, `${what} can't be followed any more`);
        socket.close(CLOSE_FAILED, reasonOf(error).slice(0, 100));
      }
    },
  };
}

type Connection = FastifyRequest["raw"]["socket"];

/** Followers' places, of which each is its connection's until that closes: also while it is being upgraded, and where that fails. */
function createPlaces(count: number): { take(connection: Connection): void } {
  const taken = new Set<Connection>();
  return {
    take(connection) {
      if (taken.size >= count) throw new AgentError("too-many-followers", String(taken.size));
      // It would not close once more.
      if (connection.destroyed) return;
      taken.add(connection);
      connection.once("close", () => taken.delete(connection));
    },
  };
}

function clientAt(socket: FollowSocket): Client {
  const gone = new AbortController();
  for (const event of ["close", "error"] as const) socket.on(event, () => gone.abort());
  const send = (data: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      const stalled = setTimeout(() => socket.terminate(), STALLED_MS);
      socket.send(data, (error) => {
        clearTimeout(stalled);
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  return { send, gone: gone.signal };
}
