import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { isClosed } from "../contract/cluster-state.js";
import type { NewEvent } from "../contract/event.js";
import type { NodeDrain } from "../contract/node-drain.js";
import { isWorker, type NodeKind } from "../contract/node-kind.js";
import type { NodeNotice } from "../contract/node-notice.js";
import type { NodeState } from "../contract/node-state.js";
import { bindingNotebooks, MAX_BINDING_NOTEBOOKS } from "../contract/notebook-binding.js";
import { isLeaving } from "../contract/park.js";
import { SILENT_PROBE } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import type { Observation } from "../contract/writes/cluster.js";
import { reasonOf } from "../errors.js";
import { MISSED_HEARTBEATS } from "../peers/messages.js";
import type { Clock } from "../time/clock.js";
import { createLoop, type Loop } from "../time/loop.js";
import type { Cleaner } from "./cleaner.js";
import { createHistory } from "./history.js";
import type { HostfileNode } from "./hostfile.js";
import { createHostfileWriter, type HostfilePort } from "./hostfile-writer.js";
import {
  applyActivity,
  applyDrains,
  countStates,
  hearAgain,
  inherit,
  leave,
  lose,
  type MemberNode,
  type Members,
  nodesHeard,
  nodesInTouch,
  notebooksHeard,
  report,
  summarize,
  sweep,
  usableNodes,
} from "./members.js";
import { createNodeMarks, type NodeMarks } from "./node-marks.js";
import { createNodeRecords, type NodeRecords, type NodeStore } from "./node-records.js";
import { mayStartJobs, planObservation } from "./observation.js";
import {
  createReplacements,
  type ReplacementLook,
  type Replacements,
  type ReplacementsDeps,
} from "./replacements.js";
import { createUsageRecords, type UsageStore } from "./usage-records.js";

/** The head role: it knows all nodes, and alone writes the hostfile, META and what is seen of the nodes. It works only between start and stop. */
export interface Head {
  /** Begins a term. Does nothing if a term of that generation runs. */
  start(generation: number): void;
  /** Ends the term: it starts no more writes, and forgets what it knew. */
  stop(): void;
  /** `notices`: what EC2 announces about it now. */
  report(node: MemberNode, failingProbes: readonly string[], notices: readonly NodeNotice[]): void;
  leave(id: string): void;
  lose(id: string): void;
  /** The hostfile as written, but for nodes that have fallen silent since, while a job may start with it; else null. */
  hostfileNow(): { readonly path: string; readonly nodes: readonly HostfileNode[] } | null;
  /** The addresses of the nodes that a running job has not lost; null: it is too early to know, or this node is not head. */
  inTouch(): ReadonlySet<string> | null;
  /** The addresses of the nodes whose heartbeats come, this node's among them; null: as for inTouch. */
  heard(): ReadonlySet<string> | null;
  /** The instance of that address, as long as it is listed; null: not known. */
  instanceAt(address: string): string | null;
  /**
   * Sets the nodes of these addresses aside, as a preflight has found them bad: unready, and out of the hostfile, until a look finds
   * them in order.
   */
  setAside(addresses: readonly string[]): void;
  isSetAside(id: string): boolean;
  /** The names of the notebooks that bind the cluster to their jobs; none where it is shared. */
  boundBy(): readonly string[];
  /** How many nodes are in each state, as far as this head has heard; null: this node is not head. */
  nodesByState(): ReadonlyMap<NodeState, number> | null;
  /** The cluster as this head knows it, from memory; null: it is not head, or has not read META yet. */
  seen(): SeenCluster | null;
  /** The nodes that it knows, and whether their heartbeats come; null: it is too early to know, or this node is not head. */
  nodes(): readonly KnownNode[] | null;
  /** The cluster may have changed: looks at it now. */
  wake(): void;
  /** Whether this node is on its way out, and another is ready to be head: this one begins no further job. */
  handsOver(): boolean;
  /** As handsOver, and it holds no work: now is the time. */
  isToHandOver(): boolean;
  /** Why EC2 takes the node of that address soon, and whether its time is up; null: it does not. */
  leaving(address: string): ReturnType<Replacements["leaving"]>;
  /** Whether another node is ready: it would be a better head if this one is not ready. */
  hasReadyPeer(): boolean;
}

interface SeenCluster {
  readonly generation: number;
  /** Of this term, on the monotonic clock. */
  readonly startedAtMs: number;
  /** META as last read or written, at `atMs` of the monotonic clock. */
  readonly meta: ClusterItem;
  readonly atMs: number;
  /** As they are at this moment. */
  nodes(): readonly NodeSummary[];
}

/** A node as the head knows it. */
interface KnownNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly isHeard: boolean;
  /** By its own clock; missing where its agent does not say it. */
  readonly bootedAt?: string;
}

export interface HeadDeps {
  /** Where jobs' logs and packed folders are. */
  readonly logBucket: string;
  readonly self: MemberNode;
  /** Of this node. */
  readonly instanceType: string;
  readonly cluster: NodeStore &
    UsageStore & {
      readCluster(): Promise<ClusterItem | null>;
      writeObservation(observation: Observation): Promise<boolean>;
      noteReplacements: ReplacementsDeps["noteReplacements"];
    };
  readonly hostfile: HostfilePort;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  failingProbes(): readonly string[];
  /** What EC2 announces about this node. */
  notices(): readonly NodeNotice[];
  /** Whether a job has processes on the node, or may be about to. */
  holdsWork(address: string): boolean;
  readonly replacing: Pick<ReplacementsDeps, "group" | "lastWords" | "limits">;
  /** The held generation, exact at this moment; null when the lease has run out. */
  generation(): number | null;
  isJobRunning(): boolean;
  /** The addresses of those that a preflight would still find bad. */
  recheck(nodes: readonly HostfileNode[]): Promise<readonly string[]>;
  readonly cleaner: Cleaner;
  /** Adds to the cluster's history; it never fails, and is waited for by none. */
  note(event: NewEvent): void;
  /** Called when there is a hostfile with which a job may start, after there was none. */
  onJobsMayStart(): void;
  readonly log: Logger;
}

/** One generation's work. */
interface Term {
  readonly generation: number;
  readonly startedAtMs: number;
  readonly loop: Loop;
  readonly records: NodeRecords;
  readonly replacements: Replacements;
  /** Whether the nodes that the head before listed have been taken over. */
  hasInherited: boolean;
  isSettled: boolean;
}

const PERIOD_MS = 1_000;
const RETRY_MS = 2_000;
const GATHER_MS = 50;
/** How long a lost node stays listed, so that people see which one was lost and why; longer where it may be replaced later. */
const FORGET_MS = 10 * 60_000;

const hostsOf = (nodes: readonly NodeSummary[]): readonly HostfileNode[] =>
  nodes.map(({ address, cores }) => ({ address, cores }));

export function createHead(deps: HeadDeps): Head {
  const { clock, self, log } = deps;
  const silentMs = MISSED_HEARTBEATS * deps.heartbeatMs;
  const writer = createHostfileWriter(deps.hostfile, clock, log);
  const usage = createUsageRecords(deps.cluster, log);
  const history = createHistory(deps.note);
  let term: Term | null = null;
  let members: Members = new Map();
  let listed: readonly NodeSummary[] = [];
  let jobsMayStart = false;
  let lastMeta: { readonly meta: ClusterItem; readonly atMs: number } | null = null;
  let notices: ReadonlyMap<string, readonly NodeNotice[]> = new Map();
  const { limits } = deps.replacing;
  const forgetMs = Math.max(FORGET_MS, 2 * limits.afterMs, limits.bootMs + FORGET_MS / 2);
  let marks = newMarks();

  function newMarks(): NodeMarks {
    return createNodeMarks({ recheck: deps.recheck, onHealed: reviewMark, clock, log });
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
    term?.loop.wake();
  }

  /** Heartbeats without news cause no work: the registry is read as often with many nodes as with few. */
  const change = (id: string, next: Members) => {
    const before = members.get(id);
    const after = next.get(id);
    members = next;
    const isSame =
      before?.state === after?.state && isDeepStrictEqual(before?.failingProbes, after?.failingProbes);
    if (!isSame) term?.loop.wake();
  };
  const isCurrent = (mine: Term) => term === mine && deps.generation() === mine.generation;

  /**
   * A new head of a running cluster waits until the previous nodes have connected. Otherwise it would reduce the hostfile to the
   * first of them, and start the next job on those.
   */
  function isSettled(mine: Term, meta: ClusterItem): boolean {
    const isComplete = meta.clusterStatus !== "FINISHED" || usableNodes(members).length >= meta.desiredNodes;
    mine.isSettled ||= isComplete || clock.monotonicMs() - mine.startedAtMs >= silentMs;
    return mine.isSettled;
  }

  /** Whether the node goes for another reason than a drain of its own: with the cluster, or with a park. */
  const goesAnyway =
    (meta: ClusterItem) =>
    ({ bootedAt, kind }: Pick<MemberNode, "bootedAt" | "kind">): boolean =>
      isClosed(meta) || (isWorker({ kind }) && isLeaving(meta.park, bootedAt, clock.now()));

  const drained = (mine: Term, meta: ClusterItem): Members =>
    applyDrains(members, mine.replacements.drains(), goesAnyway(meta));

  function membersAt(mine: Term, heard: Members, nowMs: number, meta: ClusterItem): Members {
    const active = applyActivity(sweep(heard, nowMs, { silentMs, forgetMs }), {
      isJobRunning: deps.isJobRunning(),
      isDraining: isClosed(meta),
    });
    return applyDrains(active, mine.replacements.drains(), goesAnyway(meta));
  }

  /** By name, in order. One that was there under the head before has as long to connect as any node. */
  function notebooksSeen(mine: Term, meta: ClusterItem): readonly string[] {
    const isEarly = clock.monotonicMs() - mine.startedAtMs < silentMs;
    const names = new Set([...notebooksHeard(members), ...(isEarly ? (meta.notebooks ?? []) : [])]);
    return [...names].sort().slice(0, MAX_BINDING_NOTEBOOKS);
  }

  async function takeOver(mine: Term, { knownNodes }: ClusterItem): Promise<void> {
    const inherited = await mine.records.inherited();
    // Where no head has seen a node since a park, the items are of nodes that went with it.
    const before = knownNodes === 0 ? [] : inherited;
    const nodes = before.map(({ instanceId: id, drain: _, ...node }) => ({ id, ...node }));
    members = inherit(members, nodes, clock.monotonicMs());
    const drains = before.flatMap(({ instanceId, drain }): [string, NodeDrain][] =>
      drain ? [[instanceId, drain]] : [],
    );
    const ready = before.filter(({ failingProbes }) => failingProbes.length === 0);
    mine.replacements.inherit(new Map(drains), new Set(ready.map(({ instanceId }) => instanceId)));
    mine.hasInherited = true;
    history.begin(
      self,
      mine.generation,
      inherited.map(({ instanceId: id }) => ({ id })),
    );
  }

  async function reconcile(mine: Term): Promise<void> {
    const askedAtMs = clock.monotonicMs();
    const meta = await deps.cluster.readCluster();
    if (!isCurrent(mine)) return;
    lastMeta = meta === null ? null : { meta, atMs: askedAtMs };
    // A parked cluster's nodes go: who parks it writes META, and what this head still sees of them is no news. It replaces none.
    if (meta === null || meta.clusterStatus === "PARKED") {
      jobsMayStart = false;
      return;
    }
    if (!mine.hasInherited) await takeOver(mine, meta);
    if (!isCurrent(mine)) return;
    const nowMs = clock.monotonicMs();
    const heard = report(members, self, marks.allFailing(self.id, deps.failingProbes()), nowMs);
    members = membersAt(mine, heard, nowMs, meta);
    marks.keepOnly(new Set(members.keys()));
    if (!isSettled(mine, meta)) return;
    if (isLeaving(meta.park, self.bootedAt, clock.now())) {
      // It goes itself: what it would write of the nodes of a park is not so in a moment.
      jobsMayStart = false;
      return;
    }
    const look = lookOf(mine, meta);
    mine.replacements.look(look);
    members = drained(mine, meta);
    const seen = members;
    const isToGo = meta.files !== undefined && meta.files !== "kept";
    const written = await writer.apply(isToGo ? [] : usableNodes(seen), () => isCurrent(mine));
    if (!isCurrent(mine)) return;
    listed = written;
    deps.cleaner.look(meta, mine.generation, () => isCurrent(mine));
    const nodes = summarize(seen, mine.replacements.drains());
    // Before META: who reads there that all are ready finds their items.
    const isEarly = nowMs - mine.startedAtMs < silentMs;
    await mine.records.publish(nodes, isEarly, () => isCurrent(mine), mine.replacements.drains());
    if (!isCurrent(mine)) return;
    history.nodes(nodes);
    mine.replacements.act(look);
    await publish(mine, meta, nodes);
    const mayStart = mayStartJobs(meta.clusterStatus) && listed.length > 0;
    if (mayStart && !jobsMayStart) deps.onJobsMayStart();
    jobsMayStart = mayStart;
  }

  function lookOf(mine: Term, meta: ClusterItem): ReplacementLook {
    // Nodes that a park gave up go without being replaced.
    const staying = new Map(
      [...members].filter(([, { bootedAt }]) => !isLeaving(meta.park, bootedAt, clock.now())),
    );
    return {
      meta,
      nodes: summarize(staying, mine.replacements.drains()),
      usableNodes: usableNodes(members).length,
      noticesOf: (id) => (id === self.id ? deps.notices() : (notices.get(id) ?? [])),
      holdsWork: ({ address }) => deps.holdsWork(address),
      generation: mine.generation,
      isCurrent: () => isCurrent(mine),
    };
  }

  async function publish(mine: Term, meta: ClusterItem, nodes: readonly NodeSummary[]): Promise<void> {
    const view = {
      headInstanceId: self.id,
      leaseGeneration: mine.generation,
      nodes,
      notebooks: notebooksSeen(mine, meta),
      isJobRunning: deps.isJobRunning(),
      hostfileNodes: listed,
      logBucket: deps.logBucket,
      instanceType: deps.instanceType,
    };
    const recorded = await usage.recorded(meta);
    if (!isCurrent(mine)) return;
    const observation = planObservation(recorded, view, clock.now(), meta);
    if (observation === null) return;
    const isWritten = await deps.cluster.writeObservation(observation);
    if (isWritten && isCurrent(mine) && lastMeta !== null)
      lastMeta = { ...lastMeta, meta: { ...meta, ...observation.changes } };
    const { clusterStatus, phase, reasonCode, reason, cores } = observation.changes;
    if (isWritten) history.written(meta, observation.changes);
    if (isWritten) log.info({ clusterStatus, phase, reasonCode, reason, cores }, "cluster observed");
    else mine.loop.wake();
  }

  function begin(generation: number): Term {
    const loop = createLoop({
      step: async () => {
        // Reports that come together are written together; a term's first look waits for none.
        if (mine.hasInherited) await clock.sleep(GATHER_MS);
        if (isCurrent(mine)) await reconcile(mine);
        return PERIOD_MS;
      },
      retryMs: RETRY_MS,
      onOutage: (error) =>
        log.warn({ reason: reasonOf(error) }, "the cluster could not be observed; trying again"),
      clock,
    });
    const startedAtMs = clock.monotonicMs();
    const records = createNodeRecords(deps.cluster, generation, clock, forgetMs);
    const replacements = createReplacements({
      ...{ ...deps.replacing, selfId: self.id, noteReplacements: deps.cluster.noteReplacements },
      ...{ note: deps.note, clock, log },
    });
    const mine: Term = {
      ...{ generation, startedAtMs, loop, records, replacements, hasInherited: false, isSettled: false },
    };
    return mine;
  }

  function stop(): void {
    void term?.loop.stop();
    term = null;
    members = new Map();
    listed = [];
    lastMeta = null;
    notices = new Map();
    jobsMayStart = false;
    marks.stop();
    marks = newMarks();
  }

  const heardNow = () => new Set([...nodesHeard(members, clock.monotonicMs()), self.address]);
  /** Silent ones stay in the hostfile for a while, and must not be in the next job's; nor may those that were set aside. */
  function listedNow(): readonly HostfileNode[] {
    const heard = heardNow();
    return hostsOf(listed.filter(({ address, id }) => heard.has(address) && !marks.has(id)));
  }

  const hasReadyPeer = () => usableNodes(members).some(({ id }) => id !== self.id);
  const handsOver = () => term?.replacements.drains().has(self.id) === true && hasReadyPeer();

  return {
    start(generation) {
      if (term?.generation === generation) return;
      stop();
      term = begin(generation);
      void term.loop.start();
    },
    stop,
    report(node, failing, announced) {
      noteNotices(node.id, announced);
      const allFailing = marks.allFailing(node.id, failing);
      const nowMs = clock.monotonicMs();
      if (hearAgain(members, node, allFailing, nowMs)) return;
      change(node.id, report(members, node, allFailing, nowMs));
    },
    leave: (id) => change(id, leave(members, id)),
    lose: (id) => change(id, lose(members, id)),
    hostfileNow: () =>
      jobsMayStart && deps.generation() !== null ? { path: deps.hostfile.path, nodes: listedNow() } : null,
    inTouch: () => (term?.isSettled && isCurrent(term) ? nodesInTouch(members) : null),
    heard: () => (term?.isSettled && isCurrent(term) ? heardNow() : null),
    instanceAt: (address) => [...members.values()].find((member) => member.address === address)?.id ?? null,
    setAside(addresses) {
      for (const member of members.values()) {
        if (!addresses.includes(member.address)) continue;
        marks.mark(member);
        reviewMark(member.id);
      }
    },
    isSetAside: (id) => marks.has(id),
    boundBy() {
      if (term === null || lastMeta === null) return [];
      const { meta } = lastMeta;
      return bindingNotebooks({ ...meta, notebooks: [...notebooksSeen(term, meta)] });
    },
    nodesByState: () => (term !== null && isCurrent(term) ? countStates(members) : null),
    seen() {
      const mine = term;
      if (mine === null || lastMeta === null || !isCurrent(mine)) return null;
      const { meta } = lastMeta;
      const nodes = () =>
        summarize(membersAt(mine, members, clock.monotonicMs(), meta), mine.replacements.drains());
      return { generation: mine.generation, startedAtMs: mine.startedAtMs, ...lastMeta, nodes };
    },
    nodes() {
      if (!term?.isSettled || !isCurrent(term)) return null;
      return [...members.values()].map(({ id, kind, failingProbes, bootedAt }) => ({
        ...{ id, kind },
        ...(bootedAt === undefined ? {} : { bootedAt }),
        isHeard: !failingProbes.includes(SILENT_PROBE),
      }));
    },
    wake: () => term?.loop.wake(),
    handsOver,
    isToHandOver: () => handsOver() && !deps.holdsWork(self.address),
    leaving(address) {
      const id = [...members.values()].find((member) => member.address === address)?.id;
      return id === undefined ? null : (term?.replacements.leaving(id) ?? null);
    },
    hasReadyPeer,
  };
}
