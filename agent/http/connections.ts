/** A connection, as far as its place and its end matter. */
interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  destroy(): unknown;
  once(event: "close", heard: () => void): unknown;
}

/** A server, over TLS or not. */
interface Server {
  maxConnections: number;
  /** Each connection as it comes, before any handshake. */
  on(event: "connection", heard: (connection: Connection) => void): unknown;
  /** The same again, as a socket of its own, once TLS's handshake is done. */
  on(event: "secureConnection", heard: (socket: Connection) => void): unknown;
}

/** How many connections the agent holds. */
export interface ConnectionLimits {
  /** All of them. */
  readonly total: number;
  /** Those that have not shown a token. */
  readonly strangers: number;
  /** Of those, from one address. */
  readonly strangersPerAddress: number;
  /** How long TLS's handshake may take, however much comes meanwhile; null: there is none. */
  readonly handshakeMs: number | null;
}

/** Two hundred times what it takes; a node that can't do it in that time is given up by its peers anyway. */
const HANDSHAKE_MS = 5_000;

/** The limits for a process that may have `descriptors` open files: half of them stay reserved for its own work. */
export function connectionLimits(descriptors: number): ConnectionLimits {
  const total = Math.max(16, Math.min(4_096, Math.floor(descriptors / 2)));
  return {
    total,
    strangers: Math.ceil(total / 4),
    strangersPerAddress: Math.min(256, Math.ceil(total / 8)),
    handshakeMs: HANDSHAKE_MS,
  };
}

export interface Connections {
  /** A request on this socket has shown a sufficient token: its connection is no longer a stranger's. */
  trust(socket: Connection): void;
}

/**
 * Keeps `server` within the limits. If there is one stranger too many, it closes the oldest stranger's connection, of the same
 * address or of all: a real client is served at once, so its connection does not become old. Connections that have shown a token
 * stay. Only if even those are too many, it refuses a new one. One whose handshake is not done in time is closed.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): Connections {
  // A closed socket no longer knows its address.
  const addresses = new WeakMap<Connection, string>();
  /** In the order of arrival. */
  const strangers = new Set<Connection>();
  const byAddress = new Map<string, Set<Connection>>();
  /** Those whose handshake is not done, by where they come from: TLS's own socket tells no more. */
  const shaking = new Map<string, { readonly connection: Connection; readonly timer: NodeJS.Timeout }>();
  /** TLS's socket -> the connection that it is made of. */
  const carriers = new WeakMap<Connection, Connection>();
  let count = 0;

  function forget(connection: Connection, address: string): void {
    strangers.delete(connection);
    const own = byAddress.get(address);
    own?.delete(connection);
    if (own?.size === 0) byAddress.delete(address);
  }

  function admit(connection: Connection): void {
    const address = connection.remoteAddress ?? "";
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own.add(connection));
    strangers.add(connection);
    count += 1;
    addresses.set(connection, address);
    const settle = awaitHandshake(connection);
    connection.once("close", () => {
      count -= 1;
      settle();
      forget(connection, address);
    });
    if (own.size > limits.strangersPerAddress) end(own);
    else if (strangers.size > limits.strangers || count > limits.total) end(strangers);
  }

  /** Gives what ends the wait. TLS's own limit begins anew with each byte. */
  function awaitHandshake(connection: Connection): () => void {
    if (limits.handshakeMs === null) return () => undefined;
    const place = placeOf(connection);
    const timer = setTimeout(() => connection.destroy(), limits.handshakeMs);
    timer.unref();
    shaking.set(place, { connection, timer });
    return () => {
      clearTimeout(timer);
      if (shaking.get(place)?.connection === connection) shaking.delete(place);
    };
  }

  function secure(socket: Connection): void {
    const place = placeOf(socket);
    const found = shaking.get(place);
    if (found === undefined) return;
    clearTimeout(found.timer);
    shaking.delete(place);
    carriers.set(socket, found.connection);
  }

  /** The oldest of them; the newcomer itself where there is no other. */
  function end(connections: ReadonlySet<Connection>): void {
    const [oldest] = connections;
    if (oldest === undefined) return;
    forget(oldest, addresses.get(oldest) ?? "");
    oldest.destroy();
  }

  // Connections of one turn of the event loop are only counted in the next: the server itself refuses far too many.
  server.maxConnections = limits.total + limits.strangersPerAddress;
  server.on("connection", admit);
  server.on("secureConnection", secure);
  return {
    trust(socket) {
      const connection = carriers.get(socket) ?? socket;
      if (!strangers.has(connection)) return;
      forget(connection, addresses.get(connection) ?? "");
    },
  };
}

const placeOf = ({ remoteAddress, remotePort }: Connection): string => `${remoteAddress} ${remotePort}`;
