import { notebookParts, type UsingNotebook } from "../../../agent/contract/notebook-usage.js";
import {
  clusterParts,
  type JobUsagePart,
  jobPart,
  jobParts,
  type UsageGroup,
  type UsagePart,
} from "../../../agent/contract/usage-report.js";
import type { Access } from "./ports.js";
import type { MonthPart } from "./usage.js";

const isOfJobs = (by: UsageGroup): boolean => by === "user" || by === "job";

/**
 * What clusters have used in the month, with their notebooks' own nodes; by user what jobs and notebooks have, by job the jobs alone.
 * What is gone is there by its records.
 */
export async function readParts(
  { clusters, notebooks, usage }: Pick<Access, "clusters" | "notebooks" | "usage">,
  { month, by, now }: MonthPart,
): Promise<readonly (UsagePart | JobUsagePart)[]> {
  const [listed, attached, records] = await Promise.all([
    // What is kept of each as it is read.
    Array.fromAsync(clusters.list(), ({ uuid, name, usage: its }) => ({
      ...{ uuid, name },
      ...(its && { usage: its }),
    })),
    Array.fromAsync(notebooks.list(), usingNotebook),
    usage.ofMonth(month),
  ]);
  const parts = clusterParts(records.clusters, listed, month, now);
  const ofNotebooks = notebookParts(records.notebooks, attached, listed, month, now);
  if (!isOfJobs(by)) return [...parts, ...ofNotebooks];
  const types = new Map(
    parts.toReversed().map(({ clusterUuid, instanceType }) => [clusterUuid, instanceType]),
  );
  const found: JobUsagePart[] = [...records.jobs];
  for (const { uuid, name } of listed) {
    const instanceType = types.get(uuid);
    // Without nodes in this month no job ran in it.
    if (instanceType === undefined) continue;
    const of = { clusterUuid: uuid, clusterName: name, instanceType };
    for await (const job of usage.ofJobs(uuid)) {
      const part = jobPart(job, of);
      if (part !== null) found.push(part);
    }
  }
  return [...jobParts(found, month), ...(by === "user" ? ofNotebooks : [])];
}

/** A notebook as far as its usage goes. */
const usingNotebook = ({
  name,
  clusterUuid,
  status,
  statusChangedAt,
  instanceType,
  usageToRecord,
}: UsingNotebook): UsingNotebook => ({
  ...{ name, clusterUuid, status, statusChangedAt, instanceType },
  ...(usageToRecord && { usageToRecord }),
});
