import type { FastifyInstance, FastifyRequest } from "fastify";

type Server = FastifyInstance["server"];
type Socket = FastifyRequest["socket"];

/** How many connections the agent holds. */
export interface ConnectionLimits {
  /** All of them. */
  readonly total: number;
  /** Those that have not shown a token. */
  readonly strangers: number;
  /** Of those, from one address. */
  readonly strangersPerAddress: number;
}

/** The limits where a process may have `descriptors` files open: half of them stay for its own work, whoever connects. */
export function connectionLimits(descriptors: number): ConnectionLimits {
  const total = Math.max(16, Math.min(4_096, Math.floor(descriptors / 2)));
  return {
    total,
    strangers: Math.ceil(total / 4),
    strangersPerAddress: Math.min(256, Math.ceil(total / 8)),
  };
}

export interface Connections {
  /** A request on this connection has shown a token that may: it is no stranger's any more. */
  trust(socket: Socket): void;
}

/**
 * Keeps `server` within the limits. One stranger too many costs the oldest one of the same address, or of all, its
 * connection: whoever comes to ask something is served at once, and does not grow old. Who has shown a token keeps the
 * connection. Only where even those are too many is a new one refused.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): Connections {
  // A closed socket no longer knows whose it was.
  const addresses = new WeakMap<Socket, string>();
  /** In the order of arrival. */
  const strangers = new Set<Socket>();
  const byAddress = new Map<string, Set<Socket>>();
  let count = 0;

  function forget(socket: Socket, address: string): void {
    strangers.delete(socket);
    const own = byAddress.get(address);
    own?.delete(socket);
    if (own?.size === 0) byAddress.delete(address);
  }

  function admit(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own.add(socket));
    strangers.add(socket);
    count += 1;
    addresses.set(socket, address);
    socket.once("close", () => {
      count -= 1;
      forget(socket, address);
    });
    if (own.size > limits.strangersPerAddress) end(own);
    else if (strangers.size > limits.strangers || count > limits.total) end(strangers);
  }

  /** The oldest of them; the newcomer itself where there is no other. */
  function end(sockets: ReadonlySet<Socket>): void {
    const [oldest] = sockets;
    if (oldest === undefined) return;
    forget(oldest, addresses.get(oldest) ?? "");
    oldest.destroy();
  }

  // What arrives in one turn of the event loop is only counted in the next: the server itself refuses what goes far beyond.
  server.maxConnections = limits.total + limits.strangersPerAddress;
  server.on("connection", admit);
  return { trust: (socket) => forget(socket, addresses.get(socket) ?? "") };
}
