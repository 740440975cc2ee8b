import { connect, createServer, type Server } from "node:net";

/** Passes each TCP connection on to a unix socket, both ways, until either side ends. Not yet listening. */
export function createRelay(socketPath: string): Server {
  return createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: socketPath, allowHalfOpen: true });
    inner.pipe(outer);
    outer.pipe(inner);
    inner.on("error", () => outer.destroy());
    outer.on("error", () => inner.destroy());
    inner.on("close", () => outer.destroy());
    outer.on("close", () => inner.destroy());
  });
}
