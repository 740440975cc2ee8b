import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 10_000;

/**
 * Does `work` while no other process of this machine does work under the same name. The lock is an abstract unix socket:
 * the kernel takes it back when its holder ends, however that ends. Fails when it is not free within 10 s.
 */
export async function withLock<T>(name: string, work: () => T): Promise<T> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const release = await tryLock(name);
    if (release !== null) {
      try {
        return work();
      } finally {
        await release();
      }
    }
    if (Date.now() > deadlineMs) {
      throw new Error(
        `The lock "${name}" was not free within ${PATIENCE_MS / 1000} s: ss -xlp shows its holder.`,
      );
    }
    await sleep(20);
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
