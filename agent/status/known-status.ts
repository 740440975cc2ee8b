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

/** Renders a StatusReply as JSON, at `nowMs`. */
type Render = (status: KnownStatus, node: StatusReply["node"], nowMs: number) => Buffer;

/** Keeps its last answer: the many that are asked for in one millisecond are the same. */
export function createRendering(): Render {
  let last: { readonly status: KnownStatus; readonly own: string; readonly body: Buffer } | null = null;
  return (status, node, nowMs) => {
    const ageMs = Math.max(0, Math.round(nowMs - status.atMs));
    const own = JSON.stringify({ node, from: status.from, ageMs });
    if (last?.status === status && last.own === own) return last.body;
    last = { status, own, body: Buffer.concat([Buffer.from(own.slice(0, -1)), status.tail]) };
    return last.body;
  };
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
