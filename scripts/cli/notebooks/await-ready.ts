import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { type AwaitDeps, awaitState, type Look } from "../core/await-state.js";
import { failure } from "../core/exit.js";
import { describeNotebook, refuseRemoved, whyNotebook } from "../core/notebooks.js";
import type { Access } from "../core/ports.js";

/** What waiting for a notebook needs. */
export interface AwaitNotebookDeps extends AwaitDeps {
  readonly access: Pick<Access, "notebooks">;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Waits until the notebook is ready to be opened, and says what it waits for. It has no limit but --timeout. Throws where it FAILED, is
 * parked or is removed meanwhile.
 */
export const awaitNotebook = (name: string, deps: AwaitNotebookDeps): Promise<NotebookItem> =>
  awaitState("the notebook", () => look(name, deps.access), deps, LOOK_EVERY_MS);

async function look(name: string, { notebooks }: AwaitNotebookDeps["access"]): Promise<Look<NotebookItem>> {
  const notebook = await notebooks.find(name);
  if (notebook === null) throw failure(`Notebook ${name} is gone.`);
  refuseRemoved(notebook);
  const { status, phase } = notebook;
  if (status === "FINISHED" && phase === "ready") return { found: notebook };
  const why = whyNotebook(notebook);
  if (status === "FAILED" || status === "PARKED")
    throw failure(
      `Notebook ${name} is ${status}: ${why ?? "it was stopped meanwhile"} \`muster notebook show ${name}\` says more.`,
    );
  return { waits: `notebook ${name}: ${describeNotebook(notebook)}${why === null ? "" : `; ${why}`}` };
}
