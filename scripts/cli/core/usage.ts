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
  /** Null: no prices, or not that of each type. */
  readonly costUsd: number | null;
}

/** What of a month is looked at. */
export interface MonthPart {
  readonly month: string;
  readonly by: UsageGroup;
  readonly now: Date;
}

const isOfJobs = (by: UsageGroup): boolean => by === "user" || by === "job";

/** What clusters have used in the month, or their jobs: those of clusters that are gone by their records. */
export async function readParts(
  { clusters, usage }: Pick<Access, "clusters" | "usage">,
  { month, by, now }: MonthPart,
): Promise<readonly (UsagePart | JobUsagePart)[]> {
  const [listed, records] = await Promise.all([clusters.list(), usage.ofMonth(month)]);
  const parts = clusterParts(records.clusters, listed, month, now);
  if (!isOfJobs(by)) return parts;
  const found: JobUsagePart[] = [...records.jobs];
  for (const { uuid, name } of listed) {
    const instanceType = parts.find(({ clusterUuid }) => clusterUuid === uuid)?.instanceType;
    // Without nodes in this month no job ran in it.
    if (instanceType === undefined) continue;
    const of = { clusterUuid: uuid, clusterName: name, instanceType };
    found.push(...(await usage.ofJobs(uuid)).flatMap((job) => jobPart(job, of) ?? []));
  }
  return jobParts(found, month);
}

/** The parts summed up. Pure. */
export function summarizeUsage(
  parts: readonly (UsagePart | JobUsagePart)[],
  { month, by }: Pick<MonthPart, "month" | "by">,
  nodeHourUsd: NodeHourUsd,
): UsageSummary {
  return {
    month,
    by,
    rows: sumUsage(parts, (part) => keyOf(part, by), nodeHourUsd),
    minutes: usageMinutes(parts),
    costUsd: costOf(parts, nodeHourUsd),
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
