import { type NotebookInterval, type NotebookItem, notebookSubmitter } from "./notebook.js";
import type { ClusterItem } from "./registry.js";
import { byMonth, monthOf, type NotebookUsageItem } from "./usage.js";
import { inMonth, type UsagePart } from "./usage-report.js";

/*
 * What a notebook's own node uses: from when the notebook became ready until it is parked, started again, moved or removed; or until Auto Scaling
 * has put a node of another type in its place, where the next interval begins. The interval that goes on is in the item already, as since when it is FINISHED. The write that ends it keeps it in the item, so it is neither lost
 * nor counted twice; then it is recorded. A start that failed was never FINISHED, and has none.
 */

/** A notebook as far as its usage goes. */
export type UsingNotebook = Pick<
  NotebookItem,
  "name" | "clusterUuid" | "status" | "statusChangedAt" | "instanceType" | "usageToRecord"
>;

/** What a notebook's node was used for, by notebook. */
interface NotebookUsagePart extends UsagePart {
  /** As of a job that it submits: notebook:<name>. */
  readonly submittedBy: string;
}

/** The intervals of a notebook that leaves its status at `at`: those without a record, and the one that ends then. Pure. */
export function endedNotebookUsage(notebook: UsingNotebook, at: Date): readonly NotebookInterval[] {
  const { clusterUuid, status, statusChangedAt, instanceType, usageToRecord = [] } = notebook;
  if (status !== "FINISHED" || instanceType === null) return usageToRecord;
  const ended = byMonth(statusChangedAt, at.toISOString());
  return [...usageToRecord, ...ended.map((part) => ({ clusterUuid, instanceType, ...part }))];
}

/** The record of an interval of a notebook. Pure. */
export const notebookUsageItem = (
  { name, org }: Pick<NotebookItem, "name" | "org">,
  interval: NotebookInterval,
  clusterName: string,
): NotebookUsageItem => ({
  ...interval,
  ...{ nodes: 1, month: monthOf(interval.from), clusterName, org },
  submittedBy: notebookSubmitter(name),
});

/**
 * What notebooks' nodes have used in a month: by their records, and by what has no record yet of those that there are. What is in both
 * counts once. Pure.
 */
export function notebookParts(
  records: readonly Omit<NotebookUsageItem, "month" | "org">[],
  notebooks: readonly UsingNotebook[],
  clusters: readonly Pick<ClusterItem, "uuid" | "name">[],
  month: string,
  now: Date,
): readonly NotebookUsagePart[] {
  const names = new Map(clusters.map(({ uuid, name }) => [uuid, name]));
  const unrecorded = notebooks.flatMap((notebook) =>
    endedNotebookUsage(notebook, now).map((interval) => ({
      ...interval,
      ...{ nodes: 1, clusterName: names.get(interval.clusterUuid) ?? interval.clusterUuid },
      submittedBy: notebookSubmitter(notebook.name),
    })),
  );
  const parts = new Map<string, NotebookUsagePart>();
  // The records last: what is recorded is what counts.
  for (const { clusterUuid, clusterName, instanceType, nodes, from, to, submittedBy } of [
    ...unrecorded,
    ...records,
  ]) {
    const part = { clusterUuid, clusterName, instanceType, nodes, from, to, submittedBy };
    const within = inMonth(part, month);
    if (within !== null) parts.set(`${clusterUuid} ${submittedBy} ${within.from}`, within);
  }
  return [...parts.values()];
}
