import type { NotebookItem } from "../../../agent/contract/notebook.js";
import type { Forwarder } from "../core/forwarding.js";
import { SESSION_PATH } from "../forward/policy.js";
import { connectNotebook } from "../notebooks/connection.js";
import { keepOpen } from "../notebooks/keep-open.js";
import type { NotebookEntrance } from "./api.js";
import type { RouteDeps } from "./deps.js";

/** The notebooks that this console has open, each at a port of this machine. */
export interface OpenNotebooks {
  /** Where a browser goes in, with a new code each time; null: it is not open. */
  entrance(name: string): (() => NotebookEntrance) | null;
  /** Connects to a notebook that is ready, and serves it until the console is closed or the notebook has no node any more. */
  open(notebook: NotebookItem, say: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Ends all. */
  close(): Promise<void>;
}

interface Opened {
  readonly forwarder: Forwarder;
  readonly leaving: AbortController;
  readonly running: Promise<void>;
}

export function createOpenNotebooks({
  access,
  world,
  place,
}: Pick<RouteDeps, "access" | "world" | "place">): OpenNotebooks {
  const opened = new Map<string, Opened>();

  async function serve(notebook: NotebookItem, say: (line: string) => void, leaving: AbortController) {
    const { name } = notebook;
    const connecting = { access, world, region: place.region, via: undefined, out: { say } };
    const deps = { ...connecting, signal: leaving.signal };
    const connection = await connectNotebook(notebook, deps);
    const { upstream, doubt, run } = keepOpen(notebook, connection, deps);
    const forwarder = await world.forwarding.serve({
      ...{ port: 0, upstream, onFailure: doubt, now: world.now },
      // The page asks for its codes itself.
      onCode: () => undefined,
    });
    const running = run()
      .catch((error: Error) => say(error.message))
      .finally(async () => {
        if (opened.get(name)?.forwarder === forwarder) opened.delete(name);
        await forwarder.close();
      });
    opened.set(name, { forwarder, leaving, running });
    say(`notebook ${name} is open at http://127.0.0.1:${forwarder.port}/`);
  }

  return {
    entrance(name) {
      const found = opened.get(name);
      if (found === undefined) return null;
      const { forwarder } = found;
      return () => ({
        action: `http://127.0.0.1:${forwarder.port}${SESSION_PATH}`,
        code: forwarder.newCode(),
      });
    },
    async open(notebook, say, signal) {
      if (opened.has(notebook.name)) return say(`notebook ${notebook.name} is open already`);
      const leaving = new AbortController();
      // Only while it is opened: what ends the task later does not end the notebook.
      const stop = (): void => leaving.abort(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      await serve(notebook, say, leaving).finally(() => signal.removeEventListener("abort", stop));
    },
    async close() {
      const all = [...opened.values()];
      for (const { leaving } of all) leaving.abort(new Error("the console was closed"));
      await Promise.all(all.map(({ running }) => running));
    },
  };
}
