import { type Static, Type } from "@sinclair/typebox";
import { isClosed } from "./cluster-state.js";
import { enumOf, Nullable, Time } from "./item-fields.js";
import type { ClusterItem } from "./registry.js";

/*
 * What a cluster uses: how many nodes of which type it has, and for how long. Usage begins when all nodes that were asked for are ready,
 * so a create that fails has none, and ends when the nodes are no longer wanted: parked, or asked to go. In between it follows the size.
 */

export const USAGE_ENDS = ["resized", "month-end", "parked", "removed"] as const;
/**
 * Why an interval ends. `month-end`: the next one begins at the same moment, so that each lies in one month.
 */
export type UsageEnd = (typeof USAGE_ENDS)[number];

/** An interval that has not ended. */
const OpenUsage = Type.Object({
  since: Time,
  nodes: Type.Integer(),
  instanceType: Type.String(),
});

/** An interval that has ended: from `from`, before `to`, both in one month of UTC. */
const UsageInterval = Type.Object({
  instanceType: Type.String(),
  nodes: Type.Integer(),
  from: Time,
  to: Time,
  endedBecause: enumOf<UsageEnd>(USAGE_ENDS),
});
export type UsageInterval = Static<typeof UsageInterval>;

/** META's `usage`. A change of it is one with what causes it, so no interval is lost or counted twice; then it is recorded. */
export const ClusterUsage = Type.Object({
  open: Nullable(OpenUsage),
  toRecord: Type.Array(UsageInterval, { description: "ended, and perhaps without a record yet" }),
});
export type ClusterUsage = Static<typeof ClusterUsage>;

/** `USAGE#<cluster>` / `<from>`: kept when the cluster is gone. */
export const UsageItem = Type.Object({
  ...UsageInterval.properties,
  month: Type.String({ description: "of all of it, in UTC: 2026-11" }),
  clusterUuid: Type.String(),
  clusterName: Type.String(),
  org: Type.String(),
});
export type UsageItem = Static<typeof UsageItem>;

/** `USAGE#<cluster>` / `JOB#<id>`: what a job has used. It is made when its cluster goes; until then the job itself says it. */
export const JobUsageItem = Type.Object({
  month: Type.String({ description: "when the job ended, in UTC: 2026-11" }),
  clusterUuid: Type.String(),
  clusterName: Type.String(),
  org: Type.String(),
  jobId: Type.String(),
  submittedBy: Nullable(Type.String()),
  instanceType: Type.String(),
  nodes: Type.Integer(),
  from: Time,
  to: Time,
});
export type JobUsageItem = Static<typeof JobUsageItem>;

/** `USAGE#<cluster>` / `NOTEBOOK#<name>#<from>`: an interval of a notebook's own node; kept when notebook and cluster are gone. */
export const NotebookUsageItem = Type.Object({
  month: Type.String({ description: "of all of it, in UTC: 2026-11" }),
  clusterUuid: Type.String(),
  clusterName: Type.String(),
  org: Type.String(),
  submittedBy: Type.String({ description: "notebook:<name>" }),
  instanceType: Type.String(),
  nodes: Type.Integer(),
  from: Time,
  to: Time,
});
export type NotebookUsageItem = Static<typeof NotebookUsageItem>;

/** The record of an interval of a cluster. Pure. */
export const usageItem = (
  { uuid, name, org }: Pick<ClusterItem, "uuid" | "name" | "org">,
  interval: UsageInterval,
): UsageItem => ({
  ...interval,
  month: monthOf(interval.from),
  clusterUuid: uuid,
  clusterName: name,
  org,
});

/** The month of UTC that a moment is in, as text: 2026-11. */
export const monthOf = (time: string): string => time.slice(0, "2026-11".length);

/** With more intervals to record, a change of size waits: something keeps them from being recorded. */
const MAX_TO_RECORD = 24;

/** What META says of the cluster, which decides what it uses. */
type Cluster = Pick<ClusterItem, "clusterStatus" | "phase" | "desiredNodes" | "statusChangedAt" | "usage">;

/**
 * A cluster's usage as it is at `now`; undefined: it has had none. The same value where nothing changes. An unfinished or failed
 * resize changes nothing: the nodes that were there go on. Pure.
 */
export function usageAt(cluster: Cluster, instanceType: string, now: Date): ClusterUsage | undefined {
  const { usage, desiredNodes, phase } = cluster;
  const open = usage?.open ?? null;
  const toRecord = usage?.toRecord ?? [];
  const at = now.toISOString();
  if (isUnwanted(cluster)) {
    return usage === undefined ? usage : closedUsage(usage, cluster);
  }
  const isReady = cluster.clusterStatus === "FINISHED" && phase === "ready";
  if (open === null) {
    return isReady ? { open: { since: at, nodes: desiredNodes, instanceType }, toRecord } : usage;
  }
  const isResized = isReady && (open.nodes !== desiredNodes || open.instanceType !== instanceType);
  const isNextMonth = monthOf(open.since) !== monthOf(at);
  if (!(isResized || isNextMonth) || toRecord.length >= MAX_TO_RECORD) return usage;
  const since = isResized ? at : monthEnd(monthOf(at), -1);
  const next = isResized ? { nodes: desiredNodes, instanceType } : open;
  return {
    open: { ...next, since },
    toRecord: [...toRecord, ...intervals(open, since, isResized ? "resized" : "month-end")],
  };
}

/** Whether all nodes of it are to go, or are gone. */
const isUnwanted = ({ clusterStatus, desiredNodes }: Cluster): boolean =>
  clusterStatus === "PARKED" || desiredNodes === 0 || isClosed({ clusterStatus });

/** The usage of a cluster whose nodes have not been wanted since its status changed. Pure. */
export function closedUsage(
  usage: ClusterUsage,
  cluster: Pick<ClusterItem, "clusterStatus" | "statusChangedAt">,
): ClusterUsage {
  const { open, toRecord } = usage;
  if (open === null) return usage;
  const because = cluster.clusterStatus === "PARKED" ? "parked" : "removed";
  return { open: null, toRecord: [...toRecord, ...intervals(open, cluster.statusChangedAt, because)] };
}

/** The interval from its begin before `end`, cut at the end of each month. */
function intervals(
  { since, nodes, instanceType }: NonNullable<ClusterUsage["open"]>,
  end: string,
  endedBecause: UsageEnd,
): UsageInterval[] {
  return byMonth(since, end).map(({ from, to }) => ({
    ...{ instanceType, nodes, from, to },
    endedBecause: to === end ? endedBecause : "month-end",
  }));
}

/** The time from `from` before `to`, cut at the end of each month of UTC; empty where it ends before it begins, as two clocks may disagree. Pure. */
export function byMonth(from: string, to: string): readonly { readonly from: string; readonly to: string }[] {
  if (to <= from) return [];
  const cut = monthEnd(monthOf(from), 0);
  const end = to < cut ? to : cut;
  return [{ from, to: end }, ...byMonth(end, to)];
}

/** The end of a month like 2026-11, in UTC; with `offset` -1 that of the month before: its begin. */
export function monthEnd(month: string, offset: number): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number + offset, 1)).toISOString();
}

/** Node minutes of intervals together, to the nearest minute. Rounded once, so parts add up to the whole. Pure. */
export function usageMinutes(parts: readonly Pick<UsageInterval, "from" | "to" | "nodes">[]): number {
  const ms = parts.reduce((sum, { from, to, nodes }) => sum + nodes * (Date.parse(to) - Date.parse(from)), 0);
  return Math.round(ms / 60_000);
}
