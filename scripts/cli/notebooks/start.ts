import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import { failure, refusal } from "../core/exit.js";
import { refuseRemoved } from "../core/notebooks.js";
import type { Notebooks } from "../core/ports.js";

/** So often may another writer come in between. */
const ROUNDS = 10;

/** What became of a start. `awake`: it has a node that is, or will be, ready. */
export interface Started {
  readonly is: "started" | "starting" | "awake";
  readonly notebook: NotebookItem;
}

/**
 * Gives a notebook that is PARKED or FAILED its node. May run twice, and at once: where an earlier start has ended before it set the
 * group's size, this one does.
 */
export async function startNotebook(
  notebooks: Notebooks,
  seen: NotebookItem,
  now: () => Date,
): Promise<Started> {
  let notebook: NotebookItem | null = seen;
  for (let round = 0; round < ROUNDS && notebook !== null; round++) {
    refuseRemoved(notebook);
    const { name, status, group } = notebook;
    if (status === "NEW")
      throw refusal(
        `Notebook ${name} is NEW: Terraform, which creates it, starts it. Wait until its apply has ended, or apply it again (cdktf deploy).`,
      );
    if (status === "FINISHED") return { is: "awake", notebook };
    if (status === "INPROGRESS") {
      if (notebook.instanceId !== null) return { is: "awake", notebook };
      await notebooks.setSize(group, 1);
      return { is: "starting", notebook };
    }
    const retiring = await retired(notebooks, notebook);
    const isWritten = await notebooks.perform(notebookWrites.start(notebook, retiring, now()));
    if (isWritten) await notebooks.setSize(group, 1);
    notebook = await notebooks.find(name);
    if (isWritten && notebook !== null) return { is: "started", notebook };
  }
  if (notebook === null) throw failure(`Notebook ${seen.name} is gone.`);
  throw failure(`Notebook ${seen.name} changes all the time; try again.`);
}

/** The node of before, if it goes: what it says in its last minute is not of the next one. */
async function retired(notebooks: Notebooks, { group, instanceId }: NotebookItem): Promise<string | null> {
  if (instanceId === null) return null;
  return (await notebooks.isLeaving(group, instanceId)) ? instanceId : null;
}
