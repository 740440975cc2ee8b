import { IllegalTransitionError, nextState, type TransitionTable } from "./machine.js";

/**
 * A cluster's life. Terraform makes it NEW; the head node and muster_fleet move it on.
 *
 *   NEW --resize--> INPROGRESS --ready--> FINISHED --resize--> INPROGRESS
 *                       |  ^                 |
 *                     fail resize          park
 *                       v  |                 v
 *                      FAILED ---park---> PARKED --resize--> INPROGRESS
 *
 *   any but REMOVED --remove--> REMOVING --removed--> REMOVED
 *
 * FINISHED is the platform's word for "created and ready to use".
 */
export type ClusterStatus = "NEW" | "INPROGRESS" | "FINISHED" | "FAILED" | "PARKED" | "REMOVING" | "REMOVED";
/**
 * What a cluster does in its status.
 *
 * - NEW: `created` = no fleet has asked for nodes yet.
 * - INPROGRESS: `waiting-for-nodes`; `draining` = its nodes end.
 * - FINISHED: `ready`; `degraded` = with fewer usable nodes than are wanted.
 * - PARKED: `parking` = its nodes are about to go, or go; `parked` = without nodes until there is work again; `no-nodes` = its fleet was
 *   destroyed.
 * - REMOVING: `removing`.
 */
export type ClusterPhase = (typeof CLUSTER_PHASES)[number];
export const CLUSTER_PHASES = [
  "created",
  "waiting-for-nodes",
  "ready",
  "degraded",
  "draining",
  "parking",
  "parked",
  "no-nodes",
  "removing",
] as const;
export type ClusterEvent = "resize" | "ready" | "fail" | "park" | "remove" | "removed";

const TRANSITIONS = {
  NEW: { resize: "INPROGRESS", remove: "REMOVING" },
  INPROGRESS: { resize: "INPROGRESS", ready: "FINISHED", fail: "FAILED", remove: "REMOVING" },
  FINISHED: { resize: "INPROGRESS", ready: "FINISHED", park: "PARKED", remove: "REMOVING" },
  FAILED: { resize: "INPROGRESS", park: "PARKED", remove: "REMOVING" },
  PARKED: { resize: "INPROGRESS", remove: "REMOVING" },
  REMOVING: { remove: "REMOVING", removed: "REMOVED" },
  REMOVED: { removed: "REMOVED" },
} as const satisfies TransitionTable<ClusterStatus, ClusterEvent>;

export const CLUSTER_STATUSES = Object.keys(TRANSITIONS) as readonly ClusterStatus[];

/** Those of clusters that there are: a REMOVED one is gone, but for an item that is about to go. */
export const LISTED_STATUSES = CLUSTER_STATUSES.filter((status) => status !== "REMOVED");

/** The status after `event`. Throws IllegalTransitionError if the event is illegal in `status`. */
export function nextClusterStatus(status: ClusterStatus, event: ClusterEvent): ClusterStatus {
  return nextState<ClusterStatus, ClusterEvent>("cluster", TRANSITIONS, status, event);
}

/** A status change for a conditional write: legal only from `from`, and always to `to`. */
export interface ClusterMove {
  readonly from: readonly ClusterStatus[];
  readonly to: ClusterStatus;
}

/** The statuses where `events`, in sequence, may begin, and where they end. Throws if they end in different statuses. */
export function clusterMove(events: readonly [ClusterEvent, ...ClusterEvent[]]): ClusterMove {
  const ends = new Map<ClusterStatus, ClusterStatus>();
  for (const status of CLUSTER_STATUSES) {
    const end = statusAfter(status, events);
    if (end !== null) ends.set(status, end);
  }
  const [to, ...others] = new Set(ends.values());
  if (to === undefined || others.length > 0) {
    throw new Error(`"${events.join(", ")}" does not lead to one status.`);
  }
  return { from: [...ends.keys()], to };
}

function statusAfter(status: ClusterStatus, events: readonly ClusterEvent[]): ClusterStatus | null {
  try {
    return events.reduce(nextClusterStatus, status);
  } catch (error) {
    if (error instanceof IllegalTransitionError) return null;
    throw error;
  }
}

/** Whether the cluster never takes a job, or a node, again. */
export const isClosed = ({ clusterStatus }: { readonly clusterStatus: ClusterStatus }): boolean =>
  clusterStatus === "REMOVING" || clusterStatus === "REMOVED";
