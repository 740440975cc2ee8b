import { isDeepStrictEqual } from "node:util";
import type { NodeDrain } from "../contract/node-drain.js";
import { isUsable, type NodeEvent, type NodeState, nextNodeState } from "../contract/node-state.js";
import { compareAddresses } from "../contract/nodes.js";
import {
  EFA_PROBE,
  nodeReasonCode,
  ORPHANS_PROBE,
  PREFLIGHT_PROBE,
  SILENT_PROBE,
} from "../contract/reasons.js";
import type { NodeSummary } from "../contract/registry.js";

/** What a node reports about itself when it connects. */
export type MemberNode = Pick<NodeSummary, "id" | "address" | "hostname" | "cores" | "kind"> & {
  /** Missing where its agent does not say it. */
  readonly bootedAt?: string;
  /** The name of the notebook that it has, where it is one's node. */
  readonly notebook?: string;
};

/** A node as the head knows it. `heardAtMs` is on the head's monotonic clock. */
export interface Member extends Omit<NodeSummary, "reasonCode"> {
  readonly bootedAt?: string;
  readonly notebook?: string;
  heardAtMs: number;
  /** The longest time between two of its reports lately. */
  gapMs: number;
}

/** By instance id. Never changed in place, but for when a node was heard: see hearAgain. */
export type Members = ReadonlyMap<string, Member>;

const factsOf = ({ id, address, hostname, cores, kind, bootedAt, notebook }: MemberNode): MemberNode => ({
  ...{ id, address, hostname, cores, kind },
  ...(bootedAt === undefined ? {} : { bootedAt }),
  ...(notebook === undefined ? {} : { notebook }),
});
/** A hello or a heartbeat: the node reports at `nowMs` which of its probes fail. */
export function report(
  members: Members,
  node: MemberNode,
  failingProbes: readonly string[],
  nowMs: number,
): Members {
  const event: NodeEvent = failingProbes.length === 0 ? "probesPass" : "probesFail";
  const before = members.get(node.id);
  const state = nextNodeState(before?.state ?? "booting", event);
  return new Map(members).set(node.id, {
    ...factsOf(node),
    state,
    failingProbes: [...failingProbes],
    heardAtMs: nowMs,
    gapMs: gapAfter(before, nowMs),
  });
}

/**
 * A report without news, which most are: only its time is noted, in place, for a copy of the members at each heartbeat of a thousand
 * nodes would take much of a core. False: it has news, and nothing was noted. At rest its gaps say nothing of it: it waits to be asked.
 */
export function hearAgain(
  members: Members,
  node: MemberNode,
  failingProbes: readonly string[],
  nowMs: number,
  isAtRest = false,
): boolean {
  const before = members.get(node.id);
  if (before === undefined || !isDeepStrictEqual(before.failingProbes, failingProbes)) return false;
  if (!isDeepStrictEqual(factsOf(before), factsOf(node))) return false;
  if (nextNodeState(before.state, failingProbes.length === 0 ? "probesPass" : "probesFail") !== before.state)
    return false;
  before.gapMs = isAtRest ? 0 : gapAfter(before, nowMs);
  before.heardAtMs = nowMs;
  return true;
}

/** A rest has ended, in which the nodes were heard seldom: each that was not lost has its time anew. In place, as hearAgain. */
export function countAnew(members: Members, nowMs: number): void {
  for (const member of members.values()) {
    if (member.failingProbes.includes(SILENT_PROBE)) continue;
    member.heardAtMs = nowMs;
    member.gapMs = 0;
  }
}

/** How long a node that is doubted has for its answer. */
export const ASK_MS = 1_200;
/** What a long gap still counts at the next report: after half a minute the half. */
const GAP_DECAY = 0.98;

/** A time so long that the node could be taken for lost in it is no gap between its reports: they begin afresh. */
function gapAfter(before: Member | undefined, nowMs: number): number {
  if (before === undefined || before.failingProbes.includes(SILENT_PROBE)) return 0;
  const gapMs = nowMs - before.heardAtMs;
  return gapMs >= doubtAfterMs(before) + ASK_MS ? 0 : Math.max(gapMs, before.gapMs * GAP_DECAY);
}

/** Nodes that the previous head listed and that have not reported to this one: silent until they report. */
export function inherit(members: Members, listed: readonly MemberNode[], nowMs: number): Members {
  const unheard = listed.filter(({ id }) => !members.has(id));
  const silent = unheard.map((node): [string, Member] => [
    node.id,
    {
      ...factsOf(node),
      state: nextNodeState("booting", "probesFail"),
      failingProbes: [SILENT_PROBE],
      heardAtMs: nowMs,
      gapMs: 0,
    },
  ]);
  return new Map([...members, ...silent]);
}

/** The node's connection is gone, or silent for too long. It stays listed, unready. */
export function lose(members: Members, id: string): Members {
  const member = members.get(id);
  if (member === undefined) return members;
  const state = nextNodeState(member.state, "probesFail");
  return new Map(members).set(id, { ...member, state, failingProbes: [SILENT_PROBE] });
}

/** The node has said goodbye: forget it. */
export function leave(members: Members, id: string): Members {
  const left = new Map(members);
  left.delete(id);
  return left;
}

/** Loses those unheard for `silentMs`, and forgets those unheard for `forgetMs`. */
export function sweep(
  members: Members,
  nowMs: number,
  limits: { readonly silentMs: number; readonly forgetMs: number },
): Members {
  let swept = members;
  for (const { id, heardAtMs, failingProbes } of members.values()) {
    const unheardMs = nowMs - heardAtMs;
    if (unheardMs >= limits.forgetMs) swept = leave(swept, id);
    else if (unheardMs >= limits.silentMs && !failingProbes.includes(SILENT_PROBE)) swept = lose(swept, id);
  }
  return swept;
}

/** Ready or busy: the nodes for the hostfile, sorted by address. */
export function usableNodes(members: Members): readonly NodeSummary[] {
  return summarize(members).filter(isUsable);
}

/** Probes whose failure does not stop what already runs on a node. */
const HARMLESS_PROBES: readonly string[] = ["registry", ORPHANS_PROBE, PREFLIGHT_PROBE, EFA_PROBE];

/** The addresses of the nodes that a running job has not lost: heard, and without a failing probe but those. */
export function nodesInTouch(members: Members): ReadonlySet<string> {
  const isInTouch = ({ failingProbes }: Member) =>
    failingProbes.every((name) => HARMLESS_PROBES.includes(name));
  return new Set([...members.values()].filter(isInTouch).map(({ address }) => address));
}

/**
 * How long a node may be silent before a running job doubts it: two and a half gaps between its reports, the longest of late. So a
 * node whose job keeps it from reporting in time gets more time, up to the limit.
 */
const DOUBT = { gaps: 2.5, leastMs: 2_300, mostMs: 10_000 } as const;
const doubtAfterMs = ({ gapMs }: Pick<Member, "gapMs">): number =>
  Math.min(DOUBT.mostMs, Math.max(DOUBT.leastMs, DOUBT.gaps * gapMs));

/**
 * The addresses of the nodes whose reports come, whatever they say. A node that is doubted is asked, and not lost yet. `restMs`: so much
 * longer they may be silent, at rest.
 */
export function nodesHeard(members: Members, nowMs: number, restMs = 0): ReadonlySet<string> {
  const isHeard = (member: Member) =>
    !member.failingProbes.includes(SILENT_PROBE) && nowMs - member.heardAtMs < doubtAfterMs(member) + restMs;
  return new Set([...members.values()].filter(isHeard).map(({ address }) => address));
}

/** The names of the notebooks whose node is there, whatever its probes say. Pure. */
export const notebooksHeard = (members: Members): readonly string[] =>
  [...members.values()].flatMap(({ kind, notebook, failingProbes }) =>
    kind === "notebook" && notebook !== undefined && !failingProbes.includes(SILENT_PROBE) ? [notebook] : [],
  );

/** How many of them are in each state. Pure. */
export function countStates(members: Members): ReadonlyMap<NodeState, number> {
  const counts = new Map<NodeState, number>();
  for (const { state } of members.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** All nodes as /v1/status and the commands show them, sorted by address. */
export function summarize(
  members: Members,
  drains: ReadonlyMap<string, NodeDrain> = new Map(),
): readonly NodeSummary[] {
  return [...members.values()]
    .map(({ heardAtMs: _, gapMs: __, bootedAt: ___, notebook: ____, ...node }) => ({
      ...node,
      reasonCode: drains.get(node.id)?.reasonCode ?? nodeReasonCode(node.failingProbes),
    }))
    .sort((a, b) => compareAddresses(a.address, b.address));
}
