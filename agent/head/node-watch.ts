import type { NodeSummary } from "../contract/registry.js";
import { FALLS_WITHIN_MS, type WatchedNode } from "./replacement-plan.js";

/** What a head has seen of a node in its term. Times are monotonic. */
interface Watch {
  readonly failingSinceMs: number | null;
  readonly wasReady: boolean;
  /** When it has ceased to be ready. */
  readonly fallsMs: readonly number[];
}

/** By instance id. Never changed in place. */
export type NodeWatch = ReadonlyMap<string, Watch>;

type Seen = Pick<NodeSummary, "id" | "failingProbes">;

/**
 * The watch after one more look. A new head begins it anew: a change of head is no reason to replace a node sooner. `wereReady`: of those
 * that the head before listed, the ones that were ready. Pure.
 */
export function watchNodes(
  watch: NodeWatch,
  nodes: readonly Seen[],
  nowMs: number,
  wereReady: ReadonlySet<string>,
): NodeWatch {
  return new Map(nodes.map((node) => [node.id, after(watch.get(node.id), node, nowMs, wereReady)]));
}

function after(
  before: Watch | undefined,
  { id, failingProbes }: Seen,
  nowMs: number,
  wereReady: ReadonlySet<string>,
): Watch {
  const isFailing = failingProbes.length > 0;
  const wasReady = before?.wasReady ?? wereReady.has(id);
  const recent = (before?.fallsMs ?? []).filter((atMs) => nowMs - atMs < FALLS_WITHIN_MS);
  const hasFallen = isFailing && before !== undefined && before.failingSinceMs === null;
  return {
    failingSinceMs: isFailing ? (before?.failingSinceMs ?? nowMs) : null,
    wasReady: wasReady || !isFailing,
    fallsMs: hasFallen ? [...recent, nowMs] : recent,
  };
}

/** A node as the decision needs it. Pure. */
export function watchedNode(
  { id, failingProbes }: Seen,
  watch: NodeWatch,
  more: Omit<WatchedNode, keyof Seen | "failingSinceMs" | "wasReady" | "falls">,
): WatchedNode {
  const { failingSinceMs = null, wasReady = false, fallsMs = [] } = watch.get(id) ?? {};
  return { id, failingProbes, failingSinceMs, wasReady, falls: fallsMs.length, ...more };
}
