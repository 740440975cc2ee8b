import type { Logger } from "pino";
import type { NotebookItem } from "../contract/notebook.js";
import { notebookWrites } from "../contract/writes/notebook.js";
import { usageWrites } from "../contract/writes/usage.js";
import { reasonOf } from "../errors.js";
import type { NotebookControl } from "./own-park.js";

export interface NotebookUsageDeps {
  readonly control: Pick<NotebookControl, "perform">;
  /** Of the cluster that the notebook is attached to. */
  readonly clusterName: string;
  readonly log: Logger;
}

/** Brings what the notebook's nodes were used for from its item to the records. */
export interface NotebookUsageRecords {
  /** Does not throw: what fails is tried again by the next call. */
  record(notebook: NotebookItem): Promise<void>;
}

export function createNotebookUsageRecords({
  control,
  clusterName,
  log,
}: NotebookUsageDeps): NotebookUsageRecords {
  let isFailing = false;
  return {
    async record(notebook) {
      const { usageToRecord = [], clusterUuid } = notebook;
      // A node may write the records of its own cluster alone. Of one that the notebook has left, Terraform does.
      const own = usageToRecord.filter((interval) => interval.clusterUuid === clusterUuid);
      if (own.length === 0) return;
      try {
        for (const interval of own)
          await control.perform(usageWrites.recordNotebook(notebook, interval, clusterName));
        const left = usageToRecord.filter((interval) => interval.clusterUuid !== clusterUuid);
        await control.perform(notebookWrites.noteRecorded(notebook, left));
        isFailing = false;
      } catch (error) {
        if (!isFailing) log.warn({ reason: reasonOf(error) }, "usage can't be recorded; trying again");
        isFailing = true;
      }
    },
  };
}
