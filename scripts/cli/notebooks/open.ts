import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { SignalledError } from "../core/exit.js";
import { CODE_SECONDS } from "../core/forwarding.js";
import type { Output } from "../core/output.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";
import { type ConnectionDeps, connectNotebook } from "./connection.js";
import { keepOpen } from "./keep-open.js";

export interface OpenDeps extends Omit<ConnectionDeps, "signal"> {
  readonly access: Pick<Access, "secrets" | "notebooks">;
  readonly world: Pick<World, "forwarding" | "programs" | "browser" | "onInterrupt" | "now" | "sleep">;
  readonly out: Pick<Output, "say" | "document">;
  /** 0: a free one. */
  readonly port: number;
  readonly opensBrowser: boolean;
  /** Said after a Ctrl-C: what goes on. */
  readonly goesOn: string;
}

/** Serves a notebook that is ready on this machine until a Ctrl-C or a SIGTERM, whose error it then throws. */
export async function openNotebook(notebook: NotebookItem, deps: OpenDeps): Promise<never> {
  const { world, out } = deps;
  const leaving = new AbortController();
  const stopListening = world.onInterrupt((signal) => leaving.abort(new SignalledError(signal)));
  try {
    const { signal } = leaving;
    const connecting = { ...deps, signal };
    const connection = await connectNotebook(notebook, connecting).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
    const open = keepOpen(notebook, connection, connecting);
    const running = open.run();
    // It is waited for below; until then its error waits, too.
    running.catch(() => undefined);
    try {
      await served(notebook, deps, { ...open, via: connection.via, until: running });
    } finally {
      leaving.abort(signal.reason ?? new Error("the forwarder has ended"));
      await running.catch(() => undefined);
    }
    throw signal.reason;
  } catch (error) {
    if (error instanceof SignalledError) out.say(deps.goesOn);
    throw error;
  } finally {
    stopListening();
  }
}

interface Served extends Pick<ReturnType<typeof keepOpen>, "upstream" | "doubt"> {
  readonly via: string;
  readonly until: Promise<void>;
}

async function served(
  { name, clusterUuid }: NotebookItem,
  { world, out, port, opensBrowser }: OpenDeps,
  { upstream, doubt, via, until }: Served,
): Promise<void> {
  const forwarder = await world.forwarding.serve({
    ...{ port, upstream, onFailure: doubt, now: world.now },
    onCode: (code) => out.say(codeLine(code)),
  });
  const url = `http://127.0.0.1:${forwarder.port}/`;
  try {
    out.say(`notebook ${name} is open at ${url} ${via === "ssm" ? "(through Session Manager)" : ""}`.trim());
    await out.document({ notebook: name, clusterUuid, url, via });
    const remove = opensBrowser ? await world.browser.show(forwarder.openingPage()) : null;
    if (remove === null) out.say(codeLine(forwarder.newCode()));
    else out.say(`if the browser shows nothing, open ${url} there: it asks for a code, which comes here`);
    const removed = remove === null ? Promise.resolve() : removedLater(remove, until, world.sleep);
    await until.finally(() => removed);
  } finally {
    await forwarder.close();
  }
}

/** The file is of no use when its code is over. */
async function removedLater(
  remove: () => Promise<void>,
  until: Promise<void>,
  sleep: World["sleep"],
): Promise<void> {
  const over = new AbortController();
  await Promise.race([sleep(CODE_SECONDS * 1_000, over.signal), until.catch(() => undefined)]);
  over.abort();
  await remove();
}

const codeLine = (code: string): string =>
  `code: ${code} (for one browser, within ${CODE_SECONDS} seconds; when its page is opened later, another one comes here)`;
