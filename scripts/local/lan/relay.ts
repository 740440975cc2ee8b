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
      (isAdmitted) => (isAdmitted ? relay(inner, socketPath) : inner.destroy()),
      () => inner.destroy(),
    );
  });
}

function relay(inner: Socket, socketPath: string): void {
  const outer = connect({ path: socketPath, allowHalfOpen: true });
  inner.pipe(outer);
  outer.pipe(inner);
  inner.on("error", () => outer.destroy());
  outer.on("error", () => inner.destroy());
  inner.on("close", () => outer.destroy());
  outer.on("close", () => inner.destroy());
}
