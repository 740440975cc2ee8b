import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes each TCP connection on to a unix socket, both ways, until either side ends. Not yet listening. */
export function createRelay(socketPath: string): Server {
  return createServer({ allowHalfOpen: true }, (inner) => {
    joinSockets(inner, connect({ path: socketPath, allowHalfOpen: true }));
  });
}

/** Passes on what comes at either socket to the other, and its end: neither outlives the other. */
export function joinSockets(inner: Socket, outer: Socket): void {
  inner.pipe(outer);
  outer.pipe(inner);
  inner.on("error", () => outer.destroy());
  outer.on("error", () => inner.destroy());
  inner.on("close", () => outer.destroy());
  outer.on("close", () => inner.destroy());
}
