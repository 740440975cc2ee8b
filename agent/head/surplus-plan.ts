import type { NodeDrain } from "../contract/node-drain.js";
import type { DrainReasonCode } from "../contract/reasons.js";
import { byText } from "../contract/text-order.js";

/** A worker, as the choice needs it. */
export interface SurplusNode {
  readonly id: string;
  readonly failingProbes: readonly string[];
  readonly drain: NodeDrain | null;
  /** Whether a job has processes on it, or is about to. */
  readonly holdsWork: boolean;
  readonly isSelf: boolean;
  /** Not heard for so long that nothing runs on it. A new head has heard none at first. */
  readonly isLost: boolean;
  /** By its own clock; missing where it has not said it to this head. */
  readonly bootedAt?: string;
}

const CODE: DrainReasonCode = "node-surplus";
export const isBySurplus = ({ reasonCode }: Pick<NodeDrain, "reasonCode">): boolean => reasonCode === CODE;

/**
 * Which nodes go where `wanted` are to stay: as many as there are too many, in this order. What goes anyway is first, and what was
 * chosen before stays chosen, so that a choice does not move from look to look; a node that is lost comes before it, for nothing is
 * lost by that one. The head goes last: the cluster would have to find another. Pure.
 *
 * 1. on its way out already, as it fails or EC2 takes it; 2. lost; 3. chosen before; 4. failing a probe, or set aside;
 * 5. without work; 6. the newest: it has the least on it, as caches and pages; 7. the head.
 */
export function planSurplus(nodes: readonly SurplusNode[], wanted: number): ReadonlySet<string> {
  const staying = nodes.filter(({ drain }) => drain === null || drain.endedAt === null);
  const surplus = Math.max(0, staying.length - wanted);
  return new Set(
    [...staying]
      .sort(before)
      .slice(0, surplus)
      .map(({ id }) => id),
  );
}

function rankOf({ drain, failingProbes, holdsWork, isSelf, isLost }: SurplusNode): number {
  if (drain !== null && !isBySurplus(drain)) return 1;
  if (isSelf) return 7;
  if (isLost) return 2;
  if (drain !== null) return 3;
  if (failingProbes.length > 0) return 4;
  return holdsWork ? 6 : 5;
}

/** The newest first; ids decide between nodes of one moment, so that each head chooses alike. */
function before(a: SurplusNode, b: SurplusNode): number {
  const byRank = rankOf(a) - rankOf(b);
  if (byRank !== 0) return byRank;
  const byAge = byText(b.bootedAt ?? "", a.bootedAt ?? "");
  return byAge !== 0 ? byAge : byText(a.id, b.id);
}
