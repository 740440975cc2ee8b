import { type Static, Type } from "@sinclair/typebox";
import { ACTIVITY_SOURCE_NAMES, type ClusterActivity, SourceActivity } from "./activity.js";
import { CLUSTER_STATUSES, type ClusterStatus } from "./cluster-state.js";
import { renderDuration } from "./duration.js";
import { enumOf, Nullable } from "./item-fields.js";
import type { ClusterItem } from "./registry.js";

/** `GET /v1/activity`, and what `muster cluster activity --json` prints. */
export const ActivityReply = Type.Object({
  clusterStatus: enumOf<ClusterStatus>(CLUSTER_STATUSES),
  idleTimeoutMinutes: Nullable(Type.Integer({ description: "null: it never parks by itself" })),
  observedAt: Nullable(Type.String({ description: "when its head saw this; null: none has yet" })),
  idleSince: Nullable(Type.String({ description: "the idle time counts from here" })),
  parksAt: Nullable(Type.String({ description: "null: something keeps it awake, or it never parks" })),
  secondsLeft: Nullable(Type.Integer({ minimum: 0 })),
  keepAliveUntil: Nullable(Type.String()),
  sources: Type.Array(SourceActivity),
});
export type ActivityReply = Static<typeof ActivityReply>;

/** The activity of a cluster as it was last seen, for people. `seen` undefined: as META has it. Pure. */
export function viewActivity(
  cluster: ActivityOf,
  now: Date,
  seen: ClusterActivity | undefined,
): ActivityReply {
  const { clusterStatus, idleTimeoutMinutes, keepAliveUntil } = cluster;
  // Of before a park, or of a cluster that has just been made: it says nothing of now.
  const isAwake = clusterStatus === "FINISHED" || clusterStatus === "FAILED";
  const activity = isAwake ? seen : undefined;
  const isKept = keepAliveUntil !== undefined && Date.parse(keepAliveUntil) > now.getTime();
  const parksAt = isKept ? null : (activity?.parksAt ?? null);
  return {
    ...{ clusterStatus, idleTimeoutMinutes, parksAt },
    observedAt: activity?.observedAt ?? null,
    idleSince: activity?.idleSince ?? null,
    secondsLeft:
      parksAt === null ? null : Math.max(0, Math.ceil((Date.parse(parksAt) - now.getTime()) / 1_000)),
    keepAliveUntil: keepAliveUntil ?? null,
    sources: activity?.sources ?? unseen(isAwake),
  };
}
type ActivityOf = Pick<ClusterItem, "clusterStatus" | "idleTimeoutMinutes" | "keepAliveUntil">;

const unseen = (isAwake: boolean): ActivityReply["sources"] =>
  ACTIVITY_SOURCE_NAMES.map((source) => ({
    ...{ source, state: "unknown", lastAt: null },
    detail: isAwake ? "no head has looked yet" : "the cluster has no nodes, or waits for them",
  }));

/** "never", "12m" or what keeps the cluster: for a table. Pure. */
export function renderTimeLeft({
  idleTimeoutMinutes,
  secondsLeft,
  sources,
  keepAliveUntil,
  clusterStatus,
}: ActivityReply): string {
  if (clusterStatus !== "FINISHED" && clusterStatus !== "FAILED") return "";
  if (secondsLeft !== null) return renderDuration(secondsLeft * 1_000);
  if (idleTimeoutMinutes === null) return "never parks";
  const holding = sources.filter(({ state }) => state === "active").map(({ source }) => source);
  if (holding.length > 0) return `active: ${holding.join(", ")}`;
  const unknown = sources.filter(({ state }) => state === "unknown").map(({ source }) => source);
  if (unknown.length > 0) return `unknown: ${unknown.join(", ")}`;
  return keepAliveUntil === null ? "" : `kept until ${keepAliveUntil}`;
}
