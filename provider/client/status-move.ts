import {
  CLUSTER_STATUSES,
  type ClusterEvent,
  type ClusterStatus,
  nextClusterStatus,
} from "../../agent/contract/cluster-state.js";
import { IllegalTransitionError } from "../../agent/contract/machine.js";

/** A status change as a conditional write wants it: legal in `from` only, and always to `to`. */
export interface StatusMove {
  readonly from: readonly ClusterStatus[];
  readonly to: ClusterStatus;
}

/** Where `events`, one after the other, may begin and where they end. Throws when they end in different statuses. */
export function statusMove(events: readonly [ClusterEvent, ...ClusterEvent[]]): StatusMove {
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
