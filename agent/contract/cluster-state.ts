import { nextState, type TransitionTable } from "./machine.js";

/**
 * A cluster's life. Terraform makes it NEW; the head node and muster_fleet move it on.
 *
 *   NEW --resize--> INPROGRESS --ready--> FINISHED --resize--> INPROGRESS
 *                       |  ^                 |  ^
 *                     fail resize          park |
 *                       v  |                 v  |
 *                      FAILED              PARKED --resize--> INPROGRESS
 *
 *   any but REMOVED --remove--> REMOVING --removed--> REMOVED
 *
 * FINISHED is the platform's word for "created and ready to use".
 */
export type ClusterStatus = "NEW" | "INPROGRESS" | "FINISHED" | "FAILED" | "PARKED" | "REMOVING" | "REMOVED";
export type ClusterEvent = "resize" | "ready" | "fail" | "park" | "remove" | "removed";

const TRANSITIONS = {
  NEW: { resize: "INPROGRESS", remove: "REMOVING" },
  INPROGRESS: { resize: "INPROGRESS", ready: "FINISHED", fail: "FAILED", remove: "REMOVING" },
  FINISHED: { resize: "INPROGRESS", ready: "FINISHED", park: "PARKED", remove: "REMOVING" },
  FAILED: { resize: "INPROGRESS", remove: "REMOVING" },
  PARKED: { resize: "INPROGRESS", remove: "REMOVING" },
  REMOVING: { remove: "REMOVING", removed: "REMOVED" },
  REMOVED: { removed: "REMOVED" },
} as const satisfies TransitionTable<ClusterStatus, ClusterEvent>;

export const CLUSTER_STATUSES = Object.keys(TRANSITIONS) as readonly ClusterStatus[];

/** The status after `event`. Throws IllegalTransitionError when the event can't happen in `status`. */
export function nextClusterStatus(status: ClusterStatus, event: ClusterEvent): ClusterStatus {
  return nextState<ClusterStatus, ClusterEvent>("cluster", TRANSITIONS, status, event);
}

/** The statuses from which `event` is legal: what a conditional write of that event compares with. */
export function clusterStatusesBefore(event: ClusterEvent): readonly ClusterStatus[] {
  return CLUSTER_STATUSES.filter((status) => event in TRANSITIONS[status]);
}
