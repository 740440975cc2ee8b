import { createServer } from "node:net";
import { waitFor } from "../../system/wait.js";

const PATIENCE_SECONDS = 10;

/**
 * Does `work` while no other process on this machine does work under the same name. The lock is an abstract unix socket:
 * the kernel frees it when its holder ends in any way. Fails if it is not free within 10 s.
 */
export async function withLock<T>(name: string, work: () => T): Promise<T> {
  const release = await waitFor({
    what: `the lock "${name}"`,
    timeoutSeconds: PATIENCE_SECONDS,
    everyMs: 20,
    look: () => tryLock(name),
    isDone: (got) => got !== null,
    describe: () => "another process holds it (`ss -xlp` shows which)",
  });
  try {
    return work();
  } finally {
    await release?.();
  }
}

/** Releases the lock; null if another process holds it. */
function tryLock(name: string): Promise<(() => Promise<void>) | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen(`\0${name}`, () =>
      resolve(() => new Promise((closed) => server.close(() => closed(undefined)))),
    );
  });
}
