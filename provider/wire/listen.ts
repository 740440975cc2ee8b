import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Terraform connects at once; after this time it never will. */
const FIRST_CONNECTION_MS = 60_000;
/** After Terraform was killed: actions in progress get the time of a few calls to AWS, to finish what they began. */
const LINGER_MS = 5000;

/** A Unix socket that takes connections, and keeps them until somebody serves them. */
export interface Listening {
  readonly socketPath: string;
  /** Called once: `accept` gets every connection, first those that came before. */
  serveWith(accept: (socket: Socket) => void): void;
  /** From now on no new connection is waited for. */
  endOnceClosed(): void;
}

/**
 * Listens on a Unix socket in its own folder, which is removed when the process exits. `onEnd` is called some seconds after the last
 * connection closed, or when none ever came: a killed Terraform sends no message; only its connections close.
 */
export async function listen(onEnd: () => void): Promise<Listening> {
  const waiting: Socket[] = [];
  let accept = (socket: Socket): void => void waiting.push(socket);
  const listener = createServer((socket) => accept(socket));
  let open = 0;
  let lingerMs = LINGER_MS;
  let timer = setTimeout(onEnd, FIRST_CONNECTION_MS);
  listener.on("connection", (socket: Socket) => {
    open += 1;
    clearTimeout(timer);
    socket.once("close", () => {
      open -= 1;
      if (open === 0) timer = setTimeout(onEnd, lingerMs);
    });
  });
  const socketPath = socketPathInOwnFolder();
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(socketPath, resolve);
  });
  return {
    socketPath,
    serveWith(taker) {
      accept = taker;
      for (const socket of waiting.splice(0)) taker(socket);
    },
    endOnceClosed() {
      lingerMs = 0;
    },
  };
}

/** A Unix socket's path may have about 100 bytes, which a long TMPDIR would exceed. */
function socketPathInOwnFolder(): string {
  const base = tmpdir().length <= 60 ? tmpdir() : "/tmp";
  const folder = mkdtempSync(join(base, "muster-provider-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "plugin");
}
