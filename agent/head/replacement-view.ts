import type { NodeDrain } from "../contract/node-drain.js";
import { isWorker } from "../contract/node-kind.js";
import { SILENT_PROBE } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { isShrinking } from "../contract/resize.js";
import { type NodeWatch, watchedNode, watchNodes } from "./node-watch.js";
import type { ReplacementView, WatchedNode } from "./replacement-plan.js";
import type { ReplacementLook, ReplacementsDeps } from "./replacements.js";
import { NO_SUCCESSION, withEnd, withNodes } from "./succession.js";
import { planSurplus } from "./surplus-plan.js";

/** What one head's term remembers of its nodes, for the decision which of them go. */
export interface ReplacementViews {
  /** The nodes that the head before saw ready. */
  inherit(wereReady: ReadonlySet<string>): void;
  /** After one more look. */
  next(look: ReplacementLook, drains: ReadonlyMap<string, NodeDrain>): ReplacementView;
  /** A node that has failed by itself was ended. */
  ended(id: string): void;
}

/** For so long nothing has to be missing before failing nodes are counted anew: one may fail only once a job uses it. */
const WHOLE_MS = 60 * 60_000;
/** For so long a node has to be silent before a shrinking cluster takes it for lost: a job on it has ended by then. */
const LOST_MS = 60_000;

/** Makes them for one term. */
export function createReplacementViews({
  selfId,
  limits,
  clock,
}: Pick<ReplacementsDeps, "selfId" | "limits" | "clock">): ReplacementViews {
  let wereReady: ReadonlySet<string> = new Set();
  let watch: NodeWatch = new Map();
  let succession = NO_SUCCESSION;
  let wholeSinceMs: number | null = null;

  function remember(workers: readonly NodeSummary[], { meta, usableNodes }: ReplacementLook, nowMs: number) {
    watch = watchNodes(watch, workers, nowMs, wereReady);
    wholeSinceMs = usableNodes >= meta.desiredNodes ? (wholeSinceMs ?? nowMs) : null;
    const isWhole = wholeSinceMs !== null && nowMs - wholeSinceMs >= WHOLE_MS;
    // A repair of a protected fleet begins anew.
    const isAnew = isWhole || (meta.protectedSince ?? null) !== null;
    const ids = workers.map(({ id }) => id);
    succession = withNodes(isAnew ? NO_SUCCESSION : succession, ids);
  }

  function watched(
    node: NodeSummary,
    { noticesOf, holdsWork, bootedAtOf }: ReplacementLook,
    { drain, hasOther, nowMs }: { drain: NodeDrain | null; hasOther: boolean; nowMs: number },
  ): WatchedNode {
    const bootedAt = bootedAtOf(node.id);
    const { failingSinceMs = null } = watch.get(node.id) ?? {};
    const isSilent = node.failingProbes.includes(SILENT_PROBE);
    return watchedNode(node, watch, {
      ...{ drain, notices: noticesOf(node.id), holdsWork: holdsWork(node) },
      failedBefore: succession.before.get(node.id) ?? 0,
      isSelf: node.id === selfId,
      mayHandOver: node.id === selfId && hasOther,
      isLost: isSilent && failingSinceMs !== null && nowMs - failingSinceMs >= LOST_MS,
      ...(bootedAt === undefined ? {} : { bootedAt }),
    });
  }

  return {
    inherit(ready) {
      wereReady = ready;
    },
    next(look, drains) {
      const { meta, usableNodes } = look;
      const workers = look.nodes.filter(isWorker);
      const nowMs = clock.monotonicMs();
      remember(workers, look, nowMs);
      const hasOther = workers.some(
        ({ id, state }) => id !== selfId && (state === "ready" || state === "busy"),
      );
      const nodes = workers.map((node) =>
        watched(node, look, { drain: drains.get(node.id) ?? null, hasOther, nowMs }),
      );
      return {
        ...{ nodes, usableNodes, limits, nowMs, now: clock.now() },
        desiredNodes: meta.desiredNodes,
        keepsNodes: keepsNodes(meta),
        surplus: isShrinking(meta) ? planSurplus(nodes, meta.desiredNodes) : new Set(),
        replacements: meta.replacements ?? [],
        protectedSince: meta.protectedSince ?? null,
      };
    },
    ended(id) {
      succession = withEnd(succession, id);
    },
  };
}

/** Not while a cluster is parked, loses its nodes, or is removed. Pure. */
export const keepsNodes = ({ clusterStatus, phase, desiredNodes }: ClusterItem): boolean =>
  desiredNodes > 0 &&
  (clusterStatus === "FINISHED" || (clusterStatus === "INPROGRESS" && phase === "waiting-for-nodes"));
