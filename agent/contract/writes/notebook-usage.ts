import type { NotebookItem } from "../notebook.js";
import { endedNotebookUsage, type UsingNotebook } from "../notebook-usage.js";
import { all, type Condition, equal, not } from "./write.js";

/** The notebook's status is the one that was read, since the same moment. */
export const isInStatus = ({
  status,
  statusChangedAt,
}: Pick<NotebookItem, "status" | "statusChangedAt">): Condition =>
  all(equal("status", status), equal("statusChangedAt", statusChangedAt));

/** What a write sets that takes the notebook out of its status: what its node was used for until then. True where isAsSeen holds. */
export const usageEnding = (seen: UsingNotebook, at: Date): Pick<NotebookItem, "usageToRecord"> =>
  seen.status === "FINISHED" ? { usageToRecord: [...endedNotebookUsage(seen, at)] } : {};

/** One that is ready is as it was read, and another one, which uses nothing, has not become ready. */
export const isAsSeen = (seen: UsingNotebook): Condition =>
  seen.status === "FINISHED" ? isInStatus(seen) : not(equal("status", "FINISHED"));
