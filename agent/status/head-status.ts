import type { Clock } from "../contract/clock.js";
import type { StatusOfCluster } from "../contract/http.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import type { StatusUpdate } from "../peers/messages.js";
import { type KnownStatus, knownStatus, statusOf } from "./known-status.js";
import type { QueueView } from "./queue-view.js";

/** What the head has in memory. */
interface SeenCluster {
  readonly generation: number;
  /** META as it was read, or written by this head, at `atMs` of its monotonic clock. */
  readonly meta: ClusterItem;
  readonly atMs: number;
  /** The nodes as they are at this moment, sorted by address. With 1,000 of them it takes milliseconds. */
  nodes(): readonly NodeSummary[];
}

export interface HeadStatusDeps {
  readonly self: NonNullable<StatusOfCluster["head"]>;
  /** Null: this node is not head, or has seen nothing yet. */
  seen(): SeenCluster | null;
  readonly queue: Pick<QueueView, "jobs">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** The status as the head has it. No call of it reads the registry, but for the queue's look. */
export interface HeadStatus {
  /** Null: this node is not head, or has not seen the cluster yet. Rejects where the queue was never read. */
  get(): Promise<KnownStatus | null>;
  /**
   * For a node that has the nodes in version `held`. Null: there is none, or as many bytes as a second may take have been sent: the node
   * asks again. Never rejects.
   */
  update(held: number): Promise<StatusUpdate | null>;
}

/** So long a status is served as it is: with 1,000 nodes it takes a few milliseconds to make. */
const KEEP_MS = 200;
/**
 * What all nodes together get of the nodes in a second: they are sent whole when they have changed, to nodes that are asked. 40 nodes a
 * second get a thousand's.
 */
const BYTES_PER_SECOND = 8_000_000;

export function createHeadStatus({ self, seen, queue, clock }: HeadStatusDeps): HeadStatus {
  let made: { readonly status: KnownStatus; readonly atMs: number } | null = null;
  let making: Promise<KnownStatus | null> | null = null;
  let generation = 0;
  let version = { number: 0, nodes: "", list: [] as readonly NodeSummary[] };
  let budget = { bytes: BYTES_PER_SECOND, atMs: 0 };

  /** Counts the nodes' versions, in each generation from 1. */
  function noteNodes(list: readonly NodeSummary[], current: number): string {
    const nodes = JSON.stringify(list);
    if (current !== generation) version = { number: 1, nodes, list };
    else if (nodes !== version.nodes) version = { number: version.number + 1, nodes, list };
    generation = current;
    return version.nodes;
  }

  async function make(): Promise<KnownStatus | null> {
    if (seen() === null) return null;
    const { jobs, atMs: queueAtMs } = await queue.jobs();
    const now = seen();
    if (now === null) return null;
    const status = knownStatus({
      from: "head",
      atMs: Math.min(now.atMs, queueAtMs),
      of: statusOf(now.meta, { head: self, generation: now.generation, jobs }),
      nodes: noteNodes(now.nodes(), now.generation),
    });
    made = { status, atMs: clock.monotonicMs() };
    return status;
  }

  async function get(): Promise<KnownStatus | null> {
    if (made !== null && clock.monotonicMs() - made.atMs < KEEP_MS && seen()?.generation === generation)
      return made.status;
    making ??= make().finally(() => {
      making = null;
    });
    return making;
  }

  function mayPay(bytes: number): boolean {
    const nowMs = clock.monotonicMs();
    const earned = ((nowMs - budget.atMs) * BYTES_PER_SECOND) / 1_000;
    budget = { bytes: Math.min(BYTES_PER_SECOND, budget.bytes + earned), atMs: nowMs };
    if (budget.bytes < bytes) return false;
    budget.bytes -= bytes;
    return true;
  }

  return {
    get,
    async update(held) {
      const status = await get().catch(() => null);
      if (status === null) return null;
      const ageMs = Math.max(0, Math.round(clock.monotonicMs() - status.atMs));
      const update = { ageMs, nodesVersion: version.number, of: status.of };
      if (held === version.number) return update;
      return mayPay(version.nodes.length) ? { ...update, nodes: [...version.list] } : null;
    },
  };
}
