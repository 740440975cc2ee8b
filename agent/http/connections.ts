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

/** The limits for a process that may have `descriptors` open files: half of them stay reserved for its own work. */
export function connectionLimits(descriptors: number): ConnectionLimits {
  const total = Math.max(16, Math.min(4_096, Math.floor(descriptors / 2)));
  return {
    total,
    strangers: Math.ceil(total / 4),
    strangersPerAddress: Math.min(256, Math.ceil(total / 8)),
  };
}

export interface Connections {
  /** A request on this connection has shown a sufficient token: the connection is no longer a stranger's. */
  trust(socket: Socket): void;
}

/**
 * Keeps `server` within the limits. If there is one stranger too many, it closes the oldest stranger's connection, of the same
 * address or of all: a real client is served at once, so its connection does not become old. Connections that have shown a token
 * stay. Only if even those are too many, it refuses a new one.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): Connections {
  // A closed socket no longer knows its address.
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

  // Connections of one turn of the event loop are only counted in the next: the server itself refuses far too many.
  server.maxConnections = limits.total + limits.strangersPerAddress;
  server.on("connection", admit);
  return { trust: (socket) => forget(socket, addresses.get(socket) ?? "") };
}
