import type { NotebookItem } from "../contract/notebook.js";
import { notebookStatusesTaking } from "../contract/notebook-state.js";
import { notebookWrites } from "../contract/writes/notebook.js";
import type { Write } from "../contract/writes/write.js";

/** What a notebook's agent reads and writes of its notebook. Calls throw where AWS does not answer. */
export interface NotebookControl {
  /** Consistently read; null: there is none of that name at this cluster. */
  readNotebook(): Promise<NotebookItem | null>;
  /** False, and nothing written, where the write's condition did not hold. */
  perform(write: Write): Promise<boolean>;
  /** Sets how many instances the notebook's group is to have: 0 or 1. May run twice. */
  setSize(instances: 0 | 1): Promise<void>;
}

/** `kept`: it is not to be parked any more, or was started meanwhile. */
export type OwnParkOutcome = "parked" | "kept";

/** Parks the notebook as it was seen: first the registry, then the group. A start that comes in between wins. May run twice. */
export async function parkNotebook(
  seen: NotebookItem,
  control: NotebookControl,
  now: () => Date,
): Promise<OwnParkOutcome> {
  if (!notebookStatusesTaking("park").includes(seen.status)) return "kept";
  if (seen.status !== "PARKED" && !(await control.perform(notebookWrites.park(seen, now())))) return "kept";
  return giveUpNode(control);
}

/**
 * The group's size after the registry says PARKED: an agent or a command may have ended between the two. Who starts it writes
 * the registry first, and then the size: so a size that is set here after theirs is set again.
 */
export async function giveUpNode({ readNotebook, setSize }: NotebookControl): Promise<OwnParkOutcome> {
  await setSize(0);
  const after = await readNotebook();
  if (after === null || after.status === "PARKED" || after.status === "REMOVING") return "parked";
  await setSize(1);
  return "kept";
}
