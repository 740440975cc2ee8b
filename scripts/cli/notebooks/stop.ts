import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import { failure, refusal } from "../core/exit.js";
import { refuseRemoved } from "../core/notebooks.js";
import type { Notebooks } from "../core/ports.js";

const ROUNDS = 10;

/** What became of a stop. `parked`: it has no node, or its node goes. `isNew`: by this call. */
export interface Stopped {
  readonly notebook: NotebookItem;
  readonly isNew: boolean;
}

/**
 * Takes a notebook its node. Refused while a kernel works, unless `endsKernels`. A start that comes in between wins. May run twice: where an
 * earlier stop has ended before it set the group's size, this one does.
 */
export async function stopNotebook(
  notebooks: Notebooks,
  seen: NotebookItem,
  { endsKernels, now }: { readonly endsKernels: boolean; readonly now: () => Date },
): Promise<Stopped> {
  let notebook: NotebookItem | null = seen;
  let isNew = false;
  for (let round = 0; round < ROUNDS && notebook !== null; round++) {
    refuseRemoved(notebook);
    const { name, status, group } = notebook;
    if (status === "NEW")
      throw refusal(
        `Notebook ${name} is NEW: it has no node yet. Wait until its apply has ended, then stop it.`,
      );
    if (status === "PARKED") {
      await notebooks.setSize(group, 0);
      const after = await notebooks.find(name);
      if (after === null || after.status === "PARKED") return { notebook: after ?? notebook, isNew };
      // Its size may have come before this one.
      await notebooks.setSize(group, 1);
      throw refusal(`Notebook ${name} keeps its node: it was started meanwhile.`);
    }
    if (!endsKernels) refuseBusy(notebook);
    isNew = (await notebooks.perform(notebookWrites.park(notebook, now()))) || isNew;
    notebook = await notebooks.find(name);
  }
  if (notebook === null) throw failure(`Notebook ${seen.name} is gone.`);
  throw failure(`Notebook ${seen.name} changes all the time; try again.`);
}

function refuseBusy({ name, activity }: NotebookItem): void {
  const busy = activity?.busyKernels ?? 0;
  if (busy === 0) return;
  const kernels = busy === 1 ? "a kernel that works" : `${busy} kernels that work`;
  throw refusal(
    `Notebook ${name} has ${kernels} (seen at ${activity?.observedAt}). Wait for the end of the cells, or add --end-kernels, which ends all kernels and terminals.`,
  );
}
