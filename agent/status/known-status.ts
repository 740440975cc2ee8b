import type { STATUS_SOURCES, StatusOfCluster, StatusReply } from "../contract/http.js";
import { hostfilePath } from "../contract/names.js";
import type { ClusterItem } from "../contract/registry.js";

/** A cluster's status as this node has it in memory. Its JSON is made once, and not for each request. */
export interface KnownStatus {
  readonly from: (typeof STATUS_SOURCES)[number];
  /** When the oldest of it was seen, on this node's monotonic clock. */
  readonly atMs: number;
  readonly of: StatusOfCluster;
  /** The nodes, as JSON. */
  readonly nodes: string;
  /** What follows a reply's first fields, up to its end. */
  readonly tail: Buffer;
}

export const knownStatus = (given: Omit<KnownStatus, "tail">): KnownStatus => ({
  ...given,
  tail: Buffer.from(`,${JSON.stringify(given.of).slice(1, -1)},"nodes":${given.nodes}}`),
});

/** A StatusReply as JSON, at `nowMs`. */
export function renderStatus(status: KnownStatus, node: StatusReply["node"], nowMs: number): Buffer {
  const own = { node, from: status.from, ageMs: Math.max(0, Math.round(nowMs - status.atMs)) };
  return Buffer.concat([Buffer.from(JSON.stringify(own).slice(0, -1)), status.tail]);
}

/** What META says of the cluster, and who is head. Pure. */
export function statusOf(
  meta: ClusterItem,
  now: Pick<StatusOfCluster, "head" | "jobs"> & { readonly generation: number | null },
): StatusOfCluster {
  const { uuid, name, clusterStatus, phase, reasonCode, reason, activity, cores, leaseGeneration } = meta;
  const { notebooks, shareWithNotebooks } = meta;
  const seen = {
    ...(activity === undefined ? {} : { activity }),
    ...(notebooks === undefined ? {} : { notebooks }),
    ...(shareWithNotebooks === undefined ? {} : { shareWithNotebooks }),
  };
  return {
    cluster: { uuid, name, clusterStatus, phase, reasonCode, reason, ...seen },
    head: now.head,
    leaseGeneration: now.generation ?? leaseGeneration,
    hostfile: hostfilePath(uuid),
    cores,
    jobs: now.jobs,
  };
}
