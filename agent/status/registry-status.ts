import type { Clock } from "../contract/clock.js";
import { summarizeNodes } from "../contract/nodes.js";
import type { ClusterItem, NodeItem } from "../contract/registry.js";
import { type KnownStatus, knownStatus, statusOf } from "./known-status.js";
import type { QueueView } from "./queue-view.js";

export interface RegistryStatusDeps {
  readCluster(): Promise<ClusterItem | null>;
  readNodes(): Promise<readonly NodeItem[]>;
  readonly queue: Pick<QueueView, "jobs">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** One read of the registry a second at most, however many ask. */
const KEEP_MS = 1_000;

/**
 * The status as the registry has it: for a node without a head. Null: the cluster is not there. Rejects with what the registry
 * answered, for a second.
 */
export function createRegistryStatus(deps: RegistryStatusDeps): () => Promise<KnownStatus | null> {
  const { readCluster, readNodes, queue, clock } = deps;
  let last: { readonly reading: Promise<KnownStatus | null>; readonly atMs: number } | null = null;
  let isReading = false;

  async function read(): Promise<KnownStatus | null> {
    const atMs = clock.monotonicMs();
    const [meta, nodes, seen] = await Promise.all([readCluster(), readNodes(), queue.jobs()]);
    if (meta === null) return null;
    return knownStatus({
      from: "registry",
      atMs: Math.min(atMs, seen.atMs),
      of: statusOf(meta, { head: null, generation: null, jobs: seen.jobs }),
      nodes: JSON.stringify(summarizeNodes(nodes, meta)),
    });
  }

  return () => {
    if (last !== null && (isReading || clock.monotonicMs() - last.atMs < KEEP_MS)) return last.reading;
    isReading = true;
    const reading = read().finally(() => {
      isReading = false;
    });
    last = { reading, atMs: clock.monotonicMs() };
    return reading;
  };
}
