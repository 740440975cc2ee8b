import type { NodeDrain, NodeReplacement } from "../contract/node-drain.js";
import { isBinding, type NodeNotice } from "../contract/node-notice.js";
import { type DrainReasonCode, SILENT_PROBE } from "../contract/reasons.js";
import type { ReplacementLimits } from "./replacement-limits.js";
import { isBySurplus, type SurplusNode } from "./surplus-plan.js";

/**
 * Which nodes are drained, kept after all, and replaced: one decision from what the head knows at one moment. Pure.
 *
 *   in order --cause--> draining --holds no work, or its time is up--> ended: the group starts another, or shrinks
 *      ^                   |
 *      +----cause gone-----+
 */

/** A worker as the head sees it. Times are monotonic milliseconds of the head. */
export interface WatchedNode extends SurplusNode {
  /** Since when it has failed a probe without a break; null: none fails. */
  readonly failingSinceMs: number | null;
  /** Whether it was ready before: else it may still boot. */
  readonly wasReady: boolean;
  /** How often it has ceased to be ready lately. */
  readonly falls: number;
  /** How many nodes had failed one after the other before it came. */
  readonly failedBefore: number;
  readonly notices: readonly NodeNotice[];
  /** Whether it is the head, and another node would be head without it. */
  readonly mayHandOver: boolean;
}

export interface ReplacementView {
  readonly nodes: readonly WatchedNode[];
  readonly desiredNodes: number;
  /** Nodes that jobs may run on. */
  readonly usableNodes: number;
  /** Whether the cluster is meant to keep its nodes: not while it is parked, resized downwards or removed. */
  readonly keepsNodes: boolean;
  /** The nodes that are too many, of a cluster that shrinks. */
  readonly surplus: ReadonlySet<string>;
  readonly replacements: readonly NodeReplacement[];
  readonly protectedSince: string | null;
  readonly limits: ReplacementLimits;
  readonly nowMs: number;
  readonly now: Date;
}

export type ReplacementStep =
  | { readonly type: "drain"; readonly id: string; readonly drain: NodeDrain }
  /** It stays after all. */
  | { readonly type: "return"; readonly id: string; readonly why: string }
  /** Its instance goes. `isReplaced`: the group starts another; else it shrinks. `counts`: it is replaced as it has failed by itself. */
  | { readonly type: "end"; readonly id: string; readonly isReplaced: boolean; readonly counts: boolean }
  /** No failing node is replaced from now on. */
  | { readonly type: "protect"; readonly reason: string }
  | { readonly type: "unprotect" };

/** So long before a node goes at the latest, what holds it is ended in order: its processes get 5 s, their last output 5 s. */
const LEAVE_BEFORE_MS = 30_000;
/** So long before it goes, a head that could not hand over ends itself. It takes seconds to hand over, once its work has ended. */
const HAND_OVER_BEFORE_MS = 15_000;
/** A node that falls so often within FALLS_WITHIN_MS is not in order, however short each time. */
const FALLS = 6;
export const FALLS_WITHIN_MS = 30 * 60_000;
/** After so many nodes that failed one after the other the next would, too: it is their place, or what they are started with. */
const MOST_IN_A_ROW = 3;
/** Probes of what all nodes share: where every node fails one, another node would too. */
const SHARED_PROBES: readonly string[] = ["shared", "records", "registry"];

const NOTICE_CODES: readonly DrainReasonCode[] = ["node-spot-interrupted", "node-maintenance-due"];
export const isByNotice = ({ reasonCode }: Pick<NodeDrain, "reasonCode">): boolean =>
  NOTICE_CODES.includes(reasonCode);

/** Whether the time of a node that EC2 takes is up. */
export const isDue = (drain: Pick<NodeDrain, "deadline">, now: Date): boolean =>
  isWithin(LEAVE_BEFORE_MS, drain, now);

const isWithin = (ms: number, { deadline }: Pick<NodeDrain, "deadline">, now: Date): boolean =>
  deadline !== null && now.getTime() >= Date.parse(deadline) - ms;

/** The steps that are due now. The same view gives the same steps. */
export function planReplacements(view: ReplacementView): readonly ReplacementStep[] {
  const failing = view.nodes.flatMap((node) => newFailure(node, view) ?? []);
  const drained = view.nodes.filter(({ drain }) => drain !== null);
  return [
    ...view.nodes.flatMap((node) => newNotice(node, view) ?? []),
    ...failingSteps(failing, drained, view),
    ...newSurplus(view),
    ...goneCauses(drained, view),
    ...ends(drained, view),
    ...(view.protectedSince !== null && view.usableNodes >= view.desiredNodes
      ? [{ type: "unprotect" } as const]
      : []),
  ];
}

type Drain = Extract<ReplacementStep, { type: "drain" }>;
type Return = Extract<ReplacementStep, { type: "return" }>;

function drainStep(id: string, now: Date, why: Pick<NodeDrain, "reasonCode" | "reason" | "deadline">): Drain {
  return { type: "drain", id, drain: { ...why, since: now.toISOString(), endedAt: null } };
}

/** A notice counts whatever else goes on: EC2 takes the node in any case. */
function newNotice({ id, notices, drain }: WatchedNode, { now }: ReplacementView): Drain | null {
  const notice = notices.find(isBinding);
  if (notice === undefined || (drain !== null && isByNotice(drain))) return null;
  if (drain !== null && drain.endedAt !== null) return null;
  const isSpot = notice.kind === "spot-interruption";
  const when = notice.at === null ? "" : `, at ${notice.at}`;
  return drainStep(id, now, {
    reasonCode: isSpot ? "node-spot-interrupted" : "node-maintenance-due",
    reason: isSpot
      ? `EC2 takes the spot instance (${notice.what})${when}`
      : `EC2 has scheduled ${notice.what}${when}`,
    deadline: notice.at,
  });
}

/** What is drained already needs no other reason. */
function newSurplus({ nodes, surplus, desiredNodes, now }: ReplacementView): readonly Drain[] {
  const reason = `only ${desiredNodes} ${desiredNodes === 1 ? "node is" : "nodes are"} wanted`;
  return nodes
    .filter(({ id, drain, notices }) => surplus.has(id) && drain === null && !notices.some(isBinding))
    .map(({ id }) => drainStep(id, now, { reasonCode: "node-surplus", reason, deadline: null }));
}

/** A node that has failed for too long, and that another one may take the place of. */
function newFailure(node: WatchedNode, view: ReplacementView): Drain | null {
  if (node.drain !== null || !view.keepsNodes || view.limits.perHour === 0) return null;
  if (view.surplus.has(node.id)) return null;
  if (view.usableNodes >= view.desiredNodes || isReplacedAlready(node, view)) return null;
  const why = failureOf(node, view);
  return why === null ? null : drainStep(node.id, view.now, { ...why, deadline: null });
}

function failureOf(
  node: WatchedNode,
  view: ReplacementView,
): Pick<NodeDrain, "reasonCode" | "reason"> | null {
  const { failingProbes, failingSinceMs, wasReady, falls } = node;
  if (falls >= FALLS)
    return { reasonCode: "node-flapping", reason: `it has failed ${falls} times in half an hour` };
  if (failingSinceMs === null) return null;
  const failingMs = view.nowMs - failingSinceMs;
  const { afterMs, bootMs } = view.limits;
  if (failingMs < (wasReady ? afterMs : Math.max(afterMs, bootMs))) return null;
  if (!failingProbes.some((name) => isItsOwn(name, view.nodes))) return null;
  const seconds = Math.floor(failingMs / 1_000);
  const what = failingProbes.join(", ");
  if (!wasReady)
    return { reasonCode: "node-never-ready", reason: `not ready ${seconds} s after it came (${what})` };
  return failingProbes.includes(SILENT_PROBE)
    ? { reasonCode: "node-silent-too-long", reason: `not heard for ${seconds} s` }
    : { reasonCode: "node-unready-too-long", reason: `unready for ${seconds} s (${what})` };
}

/** A lost node stays listed for a while: as many others as are wanted may be there meanwhile, ready or not. */
function isReplacedAlready(
  { failingProbes }: WatchedNode,
  { nodes, desiredNodes }: ReplacementView,
): boolean {
  const isSilent = (names: readonly string[]) => names.includes(SILENT_PROBE);
  const others = nodes.filter((other) => !isSilent(other.failingProbes) && !other.drain?.endedAt);
  return isSilent(failingProbes) && others.length >= desiredNodes;
}

/** A shared service that fails on every node that is heard is no node's fault. */
function isItsOwn(probe: string, nodes: readonly WatchedNode[]): boolean {
  if (!SHARED_PROBES.includes(probe)) return true;
  return nodes.some(
    ({ failingProbes }) => ![probe, SILENT_PROBE].some((name) => failingProbes.includes(name)),
  );
}

/** Those drains that the limit allows; where it is reached, none, and protection. */
function failingSteps(
  wanted: readonly Drain[],
  drained: readonly WatchedNode[],
  { protectedSince, replacements, limits, nodes, now }: ReplacementView,
): readonly ReplacementStep[] {
  if (wanted.length === 0 || protectedSince !== null) return [];
  const last = wanted.find(({ id }) =>
    nodes.some((node) => node.id === id && node.failedBefore >= MOST_IN_A_ROW),
  );
  if (last !== undefined) {
    const reason = `${MOST_IN_A_ROW} nodes failed, each in the place of the one before, and ${last.id} fails too: ${last.drain.reason}`;
    return [{ type: "protect", reason }];
  }
  const underWay = drained.filter(
    ({ drain }) => drain !== null && !isByNotice(drain) && !isBySurplus(drain) && drain.endedAt === null,
  );
  const allowed = limits.perHour ?? defaultPerHour(nodes.length);
  const left = allowed - underWay.length - recentOf(replacements, now).length;
  if (left > 0) return wanted.slice(0, left);
  // Those under way may be all that was needed.
  const [first] = wanted;
  if (underWay.length > 0 || first === undefined) return [];
  const reason = `${allowed} failing nodes were replaced within an hour, and ${first.id} fails too: ${first.drain.reason}`;
  return [{ type: "protect", reason }];
}

const HOUR_MS = 3_600_000;
export const recentOf = (replacements: readonly NodeReplacement[], now: Date): readonly NodeReplacement[] =>
  replacements.filter(({ at }) => now.getTime() - Date.parse(at) < HOUR_MS);

/** A quarter of the nodes an hour, but three at least. */
const defaultPerHour = (nodes: number): number => Math.max(3, Math.ceil(nodes / 4));

/** What was announced does not happen any more, the node is in order again before it was ended, or it is not too many any more. */
function goneCauses(
  drained: readonly WatchedNode[],
  { surplus }: Pick<ReplacementView, "surplus">,
): readonly Return[] {
  return drained.flatMap(({ id, drain, notices, failingProbes }): Return[] => {
    if (drain === null || drain.endedAt !== null || drain.reasonCode === "node-flapping") return [];
    if (isBySurplus(drain)) return surplus.has(id) ? [] : [{ type: "return", id, why: "it is wanted again" }];
    if (failingProbes.includes(SILENT_PROBE)) return [];
    if (isByNotice(drain))
      return notices.some(isBinding) ? [] : [{ type: "return", id, why: "EC2 has taken its notice back" }];
    return failingProbes.length > 0 ? [] : [{ type: "return", id, why: "it is in order again" }];
  });
}

/** A node that can be heard ends when it holds no work, or when its time is up; one that is silent holds none. */
function ends(drained: readonly WatchedNode[], view: ReplacementView): readonly ReplacementStep[] {
  const { now, keepsNodes, surplus } = view;
  if (!keepsNodes) return [];
  const returned = new Set(goneCauses(drained, view).map(({ id }) => id));
  return drained.flatMap(({ id, drain, holdsWork, mayHandOver, failingProbes, isLost }) => {
    if (drain === null || drain.endedAt !== null || returned.has(id)) return [];
    const isReplaced = !surplus.has(id);
    const isUnheard = isReplaced ? failingProbes.includes(SILENT_PROBE) : isLost;
    const isBusy = holdsWork && !isUnheard;
    // The next head ends it: this one might not be there any more to record that it has ended itself.
    if (isBusy || (mayHandOver && !isWithin(HAND_OVER_BEFORE_MS, drain, now))) return [];
    return [{ type: "end", id, isReplaced, counts: isReplaced && !isByNotice(drain) } as const];
  });
}
