import type { JobItem } from "./job-items.js";
import { clusterPk, jobSk, PARTITION_KEY, SORT_KEY, USAGE_INDEX, usagePk } from "./keys.js";
import type { ClusterItem } from "./registry.js";
import { byText } from "./text-order.js";
import {
  type JobUsageItem,
  monthEnd,
  monthOf,
  type NotebookUsageItem,
  type UsageItem,
  usageMinutes,
} from "./usage.js";

/** Nodes that a cluster had, or a job ran on, from `from`, before `to`. */
export interface UsagePart {
  readonly clusterUuid: string;
  readonly clusterName: string;
  readonly instanceType: string;
  readonly nodes: number;
  readonly from: string;
  readonly to: string;
}
/** Of a job: on which nodes it ran, from its claim to its end. */
export interface JobUsagePart extends UsagePart {
  readonly jobId: string;
  /** Null: not known. */
  readonly submittedBy: string | null;
}

export const USAGE_GROUPS = ["cluster", "type", "user", "job"] as const;
/** What usage is summed up by: of clusters by `cluster` or `type`, of their jobs by `user` or `job`. */
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** A sum. `minutes`: node minutes, to the nearest one. `costUsd` null: the price of a type is not known, or none was asked for. */
export interface UsageRow {
  readonly key: string;
  readonly clusterUuid: string | null;
  readonly instanceTypes: readonly string[];
  readonly minutes: number;
  readonly costUsd: number | null;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** The month in words that follow "it ...", or null where it is one, like 2026-11. */
export const monthProblem = (text: string): string | null =>
  MONTH.test(text) ? null : "is not a month, like 2026-11";

/** The month that a moment is in, in UTC. */
export const monthAt = (at: Date): string => monthOf(at.toISOString());

/** The query of the org's usage records of a month, but for the table's name. */
export const usageQuery = (month: string) => ({
  IndexName: USAGE_INDEX.name,
  KeyConditionExpression: "#month = :month",
  ExpressionAttributeNames: { "#month": USAGE_INDEX.hashKey },
  ExpressionAttributeValues: { ":month": month },
});

/** The query of a cluster's own records of a month, which begin in it, but for the table's name. */
export const clusterUsageQuery = (clusterUuid: string, month: string) => ({
  KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :month)",
  ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
  ExpressionAttributeValues: { ":pk": usagePk(clusterUuid), ":month": month },
});

/** What lies in the month, or null. Pure. */
export function inMonth<P extends UsagePart>(part: P, month: string): P | null {
  // Times of this form sort as texts.
  const [, from = part.from] = [part.from, monthEnd(month, -1)].sort();
  const [to = part.to] = [part.to, monthEnd(month, 0)].sort();
  return from < to ? { ...part, from, to } : null;
}

/**
 * What clusters have used in a month: by their records, and by what has no record yet of those that there are. A record and META may
 * both have an interval, as it was just recorded: it counts once. Pure.
 */
export function clusterParts(
  records: readonly Pick<
    UsageItem,
    "clusterUuid" | "clusterName" | "instanceType" | "nodes" | "from" | "to"
  >[],
  clusters: readonly Pick<ClusterItem, "uuid" | "name" | "usage">[],
  month: string,
  now: Date,
): readonly UsagePart[] {
  const parts = new Map<string, UsagePart>();
  const add = (part: UsagePart) => {
    const within = inMonth(part, month);
    if (within !== null) parts.set(`${within.clusterUuid} ${within.from}`, within);
  };
  for (const { uuid, name, usage } of clusters) {
    const of = { clusterUuid: uuid, clusterName: name };
    for (const { instanceType, nodes, from, to } of usage?.toRecord ?? [])
      add({ ...of, instanceType, nodes, from, to });
    const open = usage?.open ?? null;
    if (open !== null)
      add({
        ...of,
        instanceType: open.instanceType,
        nodes: open.nodes,
        from: open.since,
        to: now.toISOString(),
      });
  }
  // Last: what is recorded is what counts.
  for (const { clusterUuid, clusterName, instanceType, nodes, from, to } of records)
    add({ clusterUuid, clusterName, instanceType, nodes, from, to });
  return [...parts.values()];
}

/** Records of a month; a job has one once its cluster is gone. */
export interface MonthOfUsage {
  readonly clusters: readonly UsageItem[];
  readonly jobs: readonly JobUsageItem[];
  readonly notebooks: readonly NotebookUsageItem[];
}

/** A record of usage, of whichever kind. */
export type UsageRecord = UsageItem | JobUsageItem | NotebookUsageItem;

/** What the query of a month gives, by what it is about. Pure. */
export function monthOfUsage(records: readonly UsageRecord[]): MonthOfUsage {
  const month = {
    clusters: [] as UsageItem[],
    jobs: [] as JobUsageItem[],
    notebooks: [] as NotebookUsageItem[],
  };
  for (const one of records) {
    if ("jobId" in one) month.jobs.push(one);
    else if ("submittedBy" in one) month.notebooks.push(one);
    else month.clusters.push(one);
  }
  return month;
}

const OF_A_JOB = ["id", "submittedBy", "claimedAt", "endedAt", "usage"] as const;
/** A job as far as its usage goes. */
export type UsingJob = Pick<JobItem, (typeof OF_A_JOB)[number]>;

/** The query of a cluster's jobs as far as their usage goes, but for the table's name. `usage` is a reserved word of DynamoDB. */
export const usingJobsQuery = (clusterUuid: string) => ({
  KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :jobs)",
  ProjectionExpression: OF_A_JOB.map((name) => `#${name}`).join(", "),
  ExpressionAttributeNames: {
    ...{ "#pk": PARTITION_KEY, "#sk": SORT_KEY },
    ...Object.fromEntries(OF_A_JOB.map((name) => [`#${name}`, name])),
  },
  ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":jobs": jobSk("") },
});

/** What a job of a cluster has used; null: it has not ended, or no node has said that it worked there. Pure. */
export function jobPart(
  { id, submittedBy, claimedAt, endedAt, usage }: UsingJob,
  cluster: Pick<UsagePart, "clusterUuid" | "clusterName" | "instanceType">,
): JobUsagePart | null {
  const nodes = usage === null ? 0 : usage.nodes + usage.silentNodes;
  if (claimedAt === null || endedAt === null || nodes === 0) return null;
  return { ...cluster, jobId: id, submittedBy, nodes, from: claimedAt, to: endedAt };
}

/** What jobs have used in a month, each once. Pure. */
export const jobParts = (parts: readonly JobUsagePart[], month: string): readonly JobUsagePart[] => [
  ...new Map(
    parts.flatMap((part) => {
      const within = inMonth(part, month);
      return within === null ? [] : [[within.jobId, within] as const];
    }),
  ).values(),
];

/** The price of an hour of a node, in USD; null: not known. */
export type NodeHourUsd = (instanceType: string) => number | null;

/** The parts summed up, what cost or lasted most first. Minutes are rounded once, so the rows add up to the whole. Pure. */
export function sumUsage<P extends UsagePart>(
  parts: readonly P[],
  keyOf: (part: P) => string,
  nodeHourUsd: NodeHourUsd,
): readonly UsageRow[] {
  const groups = Map.groupBy(parts, keyOf);
  const rows = [...groups].map(([key, group]): UsageRow => {
    const clusters = new Set(group.map(({ clusterUuid }) => clusterUuid));
    const [clusterUuid = null] = clusters;
    return {
      key,
      clusterUuid: clusters.size === 1 ? clusterUuid : null,
      instanceTypes: [...new Set(group.map(({ instanceType }) => instanceType))].sort(),
      minutes: usageMinutes(group),
      costUsd: costOf(group, nodeHourUsd),
    };
  });
  return rows.sort((a, b) => b.minutes - a.minutes || byText(a.key, b.key));
}

const HOUR_MS = 3_600_000;

/** In USD, to the cent; null: the price of a type is not known. Pure. */
export function costOf(parts: readonly UsagePart[], nodeHourUsd: NodeHourUsd): number | null {
  let usd = 0;
  for (const { instanceType, nodes, from, to } of parts) {
    const price = nodeHourUsd(instanceType);
    if (price === null) return null;
    usd += (price * nodes * (Date.parse(to) - Date.parse(from))) / HOUR_MS;
  }
  return Math.round(usd * 100) / 100;
}
