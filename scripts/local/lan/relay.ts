import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Passes each TCP connection on to a unix socket, both ways, until either side ends. Closes those from addresses that it does not admit. Not yet
 * listening.
 */
export function createRelay(
  socketPath: string,
  admits: (address: string) => Promise<boolean> = async () => true,
): Server {
  return createServer({ allowHalfOpen: true, pauseOnConnect: true }, (inner) => {
    inner.on("error", () => inner.destroy());
    admits((inner.remoteAddress ?? "").replace(/^::ffff:/, "")).then(
      (isAdmitted) =>
        isAdmitted ? joinSockets(inner, connect({ path: socketPath, allowHalfOpen: true })) : inner.destroy(),
      () => inner.destroy(),
    );
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
