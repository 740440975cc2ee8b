import { usageMinutes } from "../../../agent/contract/usage.js";
import {
  costOf,
  type JobUsagePart,
  type NodeHourUsd,
  sumUsage,
  type UsageGroup,
  type UsagePart,
  type UsageRow,
} from "../../../agent/contract/usage-report.js";

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
