import { connect, createServer, type Server } from "node:net";

// jest's hooks import this file as it is, which Node.js can do: its imports are Node.js's own alone.

const ASK_MS = 2_000;
/** By name. They go with this process. */
const held = new Map<string, Server>();

/**
 * Holds that name for this process until it ends in any way, or gives it back by what this returns: the lock is an abstract unix socket,
 * which the kernel frees. For programs that make local clouds of fixed names, which would take one another's down. `what`: the
 * program, as in "the e2e tests". Throws where another process of this machine holds it, with which it is. May be called again.
 */
export async function holdAlone(what: string): Promise<() => Promise<void>> {
  const release = async () => {
    const server = held.get(what);
    held.delete(what);
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  };
  if (held.has(what)) return release;
  const words = `process ${process.pid} in ${process.cwd()}, since ${new Date().toISOString()}`;
  const server = createServer((socket) => socket.on("error", () => undefined).end(words));
  const name = `\0muster-${what.replaceAll(/\W+/g, "-")}`;
  const isHeld = await new Promise<boolean>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(name, () => resolve(true));
  });
  if (!isHeld)
    throw new Error(
      `${what} can't begin: another run is on this machine, and uses local clouds of the same names: ${await holderOf(name)}. Start this one when that has ended.`,
    );
  server.unref();
  held.set(what, server);
  return release;
}

/** What the holder says of itself. Bounded, for it may be stopped. */
function holderOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    let words = "";
    const tell = () => resolve(words || "a process that does not answer (`ss -xlp` shows which)");
    const socket = connect(name);
    socket.setTimeout(ASK_MS, () => socket.destroy());
    socket.on("data", (piece) => {
      words += piece;
    });
    socket.on("error", () => undefined).on("close", tell);
  });
}
