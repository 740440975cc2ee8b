import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { failure, TransientError } from "../core/exit.js";
import { describeNotebook, refuseRemoved, whyNotebook } from "../core/notebooks.js";
import type { Output } from "../core/output.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";

/** What waiting for a notebook needs. */
export interface AwaitNotebookDeps {
  readonly access: Pick<Access, "notebooks">;
  readonly out: Pick<Output, "say">;
  readonly world: Pick<World, "sleep">;
  /** Its reason is thrown when it aborts. */
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Waits until the notebook is ready to be opened, and says what it waits for. It has no limit but --timeout. Throws where it FAILED, is
 * parked or is removed meanwhile.
 */
export async function awaitNotebook(
  name: string,
  { access, out, world, signal }: AwaitNotebookDeps,
): Promise<NotebookItem> {
  let shown = "";
  const show = (line: string): void => {
    if (line !== shown) out.say(line);
    shown = line;
  };
  for (;;) {
    signal.throwIfAborted();
    try {
      const notebook = await access.notebooks.find(name);
      if (notebook === null) throw failure(`Notebook ${name} is gone.`);
      refuseRemoved(notebook);
      const { status, phase } = notebook;
      if (status === "FINISHED" && phase === "ready") return notebook;
      const why = whyNotebook(notebook);
      if (status === "FAILED" || status === "PARKED")
        throw failure(
          `Notebook ${name} is ${status}: ${why ?? "it was stopped meanwhile"} \`muster notebook show ${name}\` says more.`,
        );
      show(`notebook ${name}: ${describeNotebook(notebook)}${why === null ? "" : `; ${why}`}`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      show(`can't read the notebook at the moment: ${error.message}`);
    }
    await world.sleep(LOOK_EVERY_MS, signal);
  }
}
