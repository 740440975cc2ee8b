import { connect, createServer } from "node:net";

// Runs of jest that use local clouds of the same names would take one another's down. Plain JavaScript: jest's hooks import it.

const ASK_MS = 2_000;
/** By suite. They go with this process. */
const held = new Map();

/**
 * Holds that suite of tests for this process until it ends in any way: the lock is an abstract unix socket, which the kernel frees. Throws where
 * another process of this machine holds it, with which it is. May be called again.
 */
export async function holdAlone(suite) {
  if (held.has(suite)) return;
  const words = `process ${process.pid} in ${process.cwd()}, since ${new Date().toISOString()}`;
  const server = createServer((socket) => socket.on("error", () => undefined).end(words));
  const name = `\0muster-tests-${suite}`;
  const isHeld = await new Promise((resolve, reject) => {
    server.once("error", (error) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
    server.listen(name, () => resolve(true));
  });
  if (!isHeld)
    throw new Error(
      `Another run of the ${suite} tests is on this machine, and uses local clouds of the same names: ${await holderOf(name)}. Start this one when that has ended.`,
    );
  server.unref();
  held.set(suite, server);
}

/** What the holder says of itself. Bounded, for it may be stopped. */
function holderOf(name) {
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
