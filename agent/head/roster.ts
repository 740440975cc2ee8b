import { isDeepStrictEqual } from "node:util";
import type { NodeNotice } from "../contract/node-notice.js";
import { countAnew, hearAgain, leave, lose, type MemberNode, type Members, report } from "./members.js";
import { createNodeMarks, type NodeMarks, type NodeMarksDeps } from "./node-marks.js";

/** The nodes that a head knows, as they report: their states, their marks, and what EC2 announces about them. */
export interface Roster {
  members(): Members;
  /** What the head has made of them at a look: it calls for no other look. */
  replace(next: Members): void;
  /** A hello or a heartbeat. `announced`: what EC2 announces about it now. */
  report(node: MemberNode, failingProbes: readonly string[], announced: readonly NodeNotice[]): void;
  /** It goes down, and says so before its processes end: it is listed no more, until it reports without that. */
  shutsDown(node: Pick<MemberNode, "id" | "address">): void;
  /** The instance at that address that goes down; null: none, as far as is known. */
  shutDownAt(address: string): string | null;
  /** No job runs that could have been on one of them. */
  forgetShutDown(): void;
  leave(id: string): void;
  lose(id: string): void;
  /** The instance of that address, as long as it is listed, or goes down; null: not known. */
  idAt(address: string): string | null;
  noticesOf(id: string): readonly NodeNotice[];
  /** Marks the nodes of these addresses, as a preflight has found them bad. */
  setAside(addresses: readonly string[]): void;
  isSetAside(id: string): boolean;
  /** The probes that fail on the node by its own word, and the preflight where it is marked. */
  allFailing(id: string, failingProbes: readonly string[]): readonly string[];
  /** The cluster's rest has ended: see countAnew. */
  countAnew(): void;
  /** Forgets the marks of nodes that are listed no more. */
  dropMarks(): void;
  /** Forgets all: a term has ended. */
  clear(): void;
}

export interface RosterDeps extends Omit<NodeMarksDeps, "onHealed"> {
  /** There is news of a node, which the head has to look at. */
  onNews(): void;
  isAtRest(): boolean;
}

/** Makes an empty one. */
export function createRoster({ onNews, isAtRest, ...deps }: RosterDeps): Roster {
  const { clock } = deps;
  let members: Members = new Map();
  let notices: ReadonlyMap<string, readonly NodeNotice[]> = new Map();
  /** By address: the instances that go down. */
  const shutDown = new Map<string, string>();
  let marks = newMarks();

  function newMarks(): NodeMarks {
    return createNodeMarks({ ...deps, onHealed: reviewMark });
  }

  /** The node's mark has changed. */
  function reviewMark(id: string): void {
    const member = members.get(id);
    if (member === undefined) return;
    change(id, report(members, member, marks.allFailing(id, member.failingProbes), member.heardAtMs));
  }

  function noteNotices(id: string, announced: readonly NodeNotice[]): void {
    if (isDeepStrictEqual(notices.get(id) ?? [], announced)) return;
    notices = new Map(notices).set(id, announced);
    onNews();
  }

  /** Heartbeats without news cause no work: the registry is read as often with many nodes as with few. */
  function change(id: string, next: Members): void {
    const before = members.get(id);
    const after = next.get(id);
    members = next;
    const isSame =
      before?.state === after?.state && isDeepStrictEqual(before?.failingProbes, after?.failingProbes);
    if (!isSame) onNews();
  }

  return {
    members: () => members,
    replace(next) {
      members = next;
    },
    report(node, failing, announced) {
      shutDown.delete(node.address);
      noteNotices(node.id, announced);
      const allFailing = marks.allFailing(node.id, failing);
      const nowMs = clock.monotonicMs();
      if (hearAgain(members, node, allFailing, nowMs, isAtRest())) return;
      change(node.id, report(members, node, allFailing, nowMs));
    },
    shutsDown({ id, address }) {
      if (shutDown.get(address) === id) return;
      shutDown.set(address, id);
      members = leave(members, id);
      onNews();
    },
    shutDownAt: (address) => shutDown.get(address) ?? null,
    forgetShutDown: () => shutDown.clear(),
    leave: (id) => change(id, leave(members, id)),
    lose: (id) => change(id, lose(members, id)),
    idAt: (address) =>
      [...members.values()].find((member) => member.address === address)?.id ?? shutDown.get(address) ?? null,
    noticesOf: (id) => notices.get(id) ?? [],
    setAside(addresses) {
      for (const member of members.values()) {
        if (!addresses.includes(member.address)) continue;
        marks.mark(member);
        reviewMark(member.id);
      }
    },
    isSetAside: (id) => marks.has(id),
    allFailing: (id, failing) => marks.allFailing(id, failing),
    countAnew: () => countAnew(members, clock.monotonicMs()),
    dropMarks: () => marks.keepOnly(new Set(members.keys())),
    clear() {
      members = new Map();
      notices = new Map();
      shutDown.clear();
      marks.stop();
      marks = newMarks();
    },
  };
}
