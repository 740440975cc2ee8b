import { isClosed } from "../contract/cluster-state.js";
import type { NodeDrain } from "../contract/node-drain.js";
import { isWorker } from "../contract/node-kind.js";
import { type NodeEvent, nextNodeState } from "../contract/node-state.js";
import { isLeaving } from "../contract/park.js";
import { SILENT_PROBE } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";
import { type Member, type MemberNode, type Members, sweep } from "./members.js";

/** What the cluster makes of its nodes' states: its job, its drains, its end. */
export interface MemberMoves {
  readonly meta: Pick<ClusterItem, "clusterStatus" | "phase" | "desiredNodes" | "park">;
  readonly drains: ReadonlyMap<string, NodeDrain>;
  readonly isJobRunning: boolean;
  readonly silentMs: number;
  readonly forgetMs: number;
  readonly now: Date;
}

/** The nodes as they are at `nowMs` of the monotonic clock, after the reports that came. Pure. */
export function membersAt(heard: Members, nowMs: number, moves: MemberMoves): Members {
  const { meta, drains, isJobRunning, silentMs, forgetMs, now } = moves;
  const isDraining = isClosed(meta);
  const active = applyActivity(sweep(heard, nowMs, { silentMs, forgetMs }), { isJobRunning, isDraining });
  return applyDrains(active, drains, goesAnyway(meta, now));
}

/** Whether a node goes for another reason than a drain of its own: with the cluster, or, a worker, with a park. Pure. */
export const goesAnyway =
  (meta: MemberMoves["meta"], now: Date) =>
  ({ bootedAt, kind }: Pick<MemberNode, "bootedAt" | "kind">): boolean =>
    isClosed(meta) || (isWorker({ kind }) && isLeaving(meta.park, bootedAt, now));

/** All nodes are busy with the cluster's one job, or ready, and all drain when the cluster is being removed. */
export function applyActivity(
  members: Members,
  activity: { readonly isJobRunning: boolean; readonly isDraining: boolean },
): Members {
  const event: NodeEvent = activity.isJobRunning ? "jobStart" : "jobEnd";
  const next = ({ state }: Member): Member["state"] => {
    if (activity.isDraining) return state === "stopping" ? state : nextNodeState(state, "drain");
    const takesEvent = state === (activity.isJobRunning ? "ready" : "busy");
    return takesEvent ? nextNodeState(state, event) : state;
  };
  return new Map([...members].map(([id, member]) => [id, { ...member, state: next(member) }]));
}

/**
 * Nodes on their way out drain, or stop where they have been ended already; those that are so no more are unready until they report.
 * One that was ended and is not heard is gone. `goesAnyway`: with the cluster, or with a park.
 */
export function applyDrains(
  members: Members,
  drains: ReadonlyMap<string, NodeDrain>,
  goesAnyway: (member: Member) => boolean,
): Members {
  const next = (member: Member): Member["state"] => {
    const { id, state } = member;
    const drain = drains.get(id);
    if (state === "stopping") return state;
    if (drain?.endedAt) return nextNodeState(state, "stop");
    if (drain !== undefined || goesAnyway(member)) return nextNodeState(state, "drain");
    return state === "draining" ? nextNodeState(state, "return") : state;
  };
  const isGone = ({ id, failingProbes }: Member) =>
    Boolean(drains.get(id)?.endedAt) && failingProbes.includes(SILENT_PROBE);
  return new Map(
    [...members]
      .filter(([, member]) => !isGone(member))
      .map(([id, member]) => [id, { ...member, state: next(member) }]),
  );
}
