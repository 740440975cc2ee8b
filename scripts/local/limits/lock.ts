import { createServer } from "node:net";
import { waitFor } from "../../system/wait.js";

const PATIENCE_SECONDS = 10;

/**
 * Does `work` while no other process of this machine does work under the same name. The lock is an abstract unix socket:
 * the kernel takes it back when its holder ends, however that ends. Fails when it is not free within 10 s.
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

/** What lets the lock go; null where somebody else holds it. */
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
