import { notebookParts, type UsingNotebook } from "../../../agent/contract/notebook-usage.js";
import { usageMinutes } from "../../../agent/contract/usage.js";
import {
  clusterParts,
  costOf,
  type JobUsagePart,
  jobPart,
  jobParts,
  type NodeHourUsd,
  sumUsage,
  type UsageGroup,
  type UsagePart,
  type UsageRow,
} from "../../../agent/contract/usage-report.js";
import type { Access } from "./ports.js";

/** A month's usage, summed up. */
export interface UsageSummary {
  readonly month: string;
  readonly by: UsageGroup;
  readonly rows: readonly UsageRow[];
  readonly minutes: number;
  /** Of the rows whose cost is known; null: of none. */
  readonly costUsd: number | null;
  /** The instance types without a price, whose rows are in no cost. Empty where no prices were asked for. */
  readonly unpriced: readonly string[];
}

/** What of a month is looked at. */
export interface MonthPart {
  readonly month: string;
  readonly by: UsageGroup;
  readonly now: Date;
}

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

/** The parts summed up. What has no price is named, and left out of the cost: it never counts as 0. `nodeHourUsd` null: no prices. Pure. */
export function summarizeUsage(
  parts: readonly (UsagePart | JobUsagePart)[],
  { month, by }: Pick<MonthPart, "month" | "by">,
  nodeHourUsd: NodeHourUsd | null,
): UsageSummary {
  const priceOf = nodeHourUsd ?? (() => null);
  const rows = sumUsage(parts, (part) => keyOf(part, by), priceOf);
  const known = new Set(rows.filter(({ costUsd }) => costUsd !== null).map(({ key }) => key));
  const priced = parts.filter((part) => known.has(keyOf(part, by)));
  const types = [...new Set(parts.map(({ instanceType }) => instanceType))].toSorted();
  return {
    month,
    by,
    rows,
    minutes: usageMinutes(parts),
    costUsd: known.size === 0 && rows.length > 0 ? null : costOf(priced, priceOf),
    unpriced: nodeHourUsd === null ? [] : types.filter((type) => priceOf(type) === null),
  };
}

const NOT_KNOWN = "(not known)";

function keyOf(part: UsagePart | JobUsagePart, by: UsageGroup): string {
  switch (by) {
    case "cluster":
      return `${part.clusterName} (${part.clusterUuid})`;
    case "type":
      return part.instanceType;
    case "user":
      return ("submittedBy" in part ? part.submittedBy : null) ?? NOT_KNOWN;
    case "job":
      return "jobId" in part ? part.jobId : NOT_KNOWN;
  }
}
