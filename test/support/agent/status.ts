import type { ClusterItem, NodeItem, NodeSummary } from "../../../agent/contract/registry.js";
import type { QueueEntry } from "../../../agent/jobs/ports.js";
import { createQueueView } from "../../../agent/status/queue-view.js";
import { createStatus, type Status } from "../../../agent/status/status.js";
import { systemClock } from "../../../agent/time/clock.js";
import { clusterItem } from "./cluster-item.js";

/** A head's status, of a finished cluster; where `isHead` is false, that of a node without a head. */
export function statusOver({
  meta = clusterItem({ clusterStatus: "FINISHED", phase: "ready", leaseGeneration: 3 }),
  nodes = [],
  readQueue = async () => [],
  isHead = true,
  readCluster = async () => meta,
  readNodes = async () => [],
  clock = systemClock,
}: {
  readonly meta?: ClusterItem;
  readonly nodes?: readonly NodeSummary[];
  readQueue?(): Promise<QueueEntry[]>;
  readonly isHead?: boolean;
  readCluster?(): Promise<ClusterItem | null>;
  readNodes?(): Promise<readonly NodeItem[]>;
  readonly clock?: typeof systemClock;
} = {}): Status {
  return createStatus({
    self: { id: "i-a", address: "10.0.0.1" },
    isHead: () => isHead,
    seen: () => (isHead ? { generation: 3, meta, atMs: clock.monotonicMs(), nodes: () => nodes } : null),
    queue: createQueueView(readQueue, clock),
    ask: () => {},
    isConnected: () => false,
    ...{ readCluster, readNodes, clock },
  });
}
