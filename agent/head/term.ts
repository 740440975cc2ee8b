import type { NodeDrain } from "../contract/node-drain.js";
import { bindingNotebooks, MAX_BINDING_NOTEBOOKS } from "../contract/notebook-binding.js";
import { isLeaving } from "../contract/park.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import { createLoop } from "../time/loop.js";
import { createArrival } from "./arrival.js";
import { gatherMs } from "./gather.js";
import type { History } from "./history.js";
import type { HostfileWriter } from "./hostfile-writer.js";
import { applyDrains, goesAnyway, membersAt } from "./member-moves.js";
import { inherit, type Members, notebooksHeard, report, summarize, usableNodes } from "./members.js";
import { createNodeRecords } from "./node-records.js";
import { mayStartJobs, planObservation } from "./observation.js";
import type { HeadDeps, SeenCluster } from "./ports.js";
import { createReplacements, type ReplacementLook, type Replacements } from "./replacements.js";
import type { Rest } from "./rest.js";
import type { Roster } from "./roster.js";
import { createUnheard } from "./unheard.js";
import type { UsageRecords } from "./usage-records.js";

/** One generation's work of a head: it looks at the cluster each second, at rest every few seconds, and writes what it sees. */
export interface Term {
  readonly generation: number;
  readonly replacements: Pick<Replacements, "drains" | "leaving">;
  /** Call once. */
  start(): void;
  /** It starts no more writes. */
  stop(): void;
  /** Looks now. */
  wake(): void;
  /** Whether it runs, and its node holds the lease of its generation at this moment. */
  isCurrent(): boolean;
  /** As isCurrent, and the nodes have had the time to connect. */
  isSettled(): boolean;
  /** The nodes in the hostfile as it was last written. */
  listed(): readonly NodeSummary[];
  /** Whether a job may start with that hostfile. */
  jobsMayStart(): boolean;
  /** Null: it is not current, or has not read META yet. */
  seen(): SeenCluster | null;
  /** As Head's. */
  boundBy(): readonly string[];
}

/** What one term hands on to the next. */
export interface TermParts {
  readonly roster: Roster;
  readonly writer: HostfileWriter;
  readonly usage: UsageRecords;
  readonly history: History;
  readonly rest: Rest;
  /** A node that is not heard for so long is lost. */
  silentMs(): number;
  /** A node that is not heard for so long is listed no more. */
  readonly forgetMs: number;
}

const PERIOD_MS = 1_000;
const RETRY_MS = 2_000;

/** Makes a term that has not started. */
export function createTerm(
  generation: number,
  { roster, writer, usage, history, rest, silentMs, forgetMs }: TermParts,
  deps: HeadDeps,
): Term {
  const { clock, self, log } = deps;
  const startedAtMs = clock.monotonicMs();
  const arrival = createArrival(silentMs(), clock);
  const records = createNodeRecords(deps.cluster, generation, clock, forgetMs);
  const replacements = createReplacements({
    ...{ ...deps.replacing, selfId: self.id, noteReplacements: deps.cluster.noteReplacements },
    ...{ note: deps.note, clock, log },
  });
  const unheard = createUnheard({ ...deps.replacing, clock, log });
  let isStopped = false;
  /** Whether the nodes that the head before listed have been taken over. */
  let hasInherited = false;
  let hasSettled = false;
  /** Whether a report, or else a wake, has called for the next look. */
  let hasNews = false;
  /** How long the last look took. */
  let lookedForMs = 0;
  let listed: readonly NodeSummary[] = [];
  let jobsMayStart = false;
  let lastMeta: { readonly meta: ClusterItem; readonly atMs: number } | null = null;
  const loop = createLoop({
    step: async () => {
      // Reports that come together are written together; a term's first look waits for none, and one without news has none to wait for.
      const gathers = hasInherited && hasNews;
      hasNews = false;
      if (gathers) await clock.sleep(gatherMs(lastMeta?.meta ?? null, usableNow(), lookedForMs));
      if (isCurrent()) await timedLook();
      rest.look();
      return rest.isAtRest() ? deps.restMs : PERIOD_MS;
    },
    retryMs: RETRY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "the cluster could not be observed; trying again"),
    clock,
  });

  const usableNow = () => usableNodes(roster.members()).length;

  async function timedLook(): Promise<void> {
    const fromMs = clock.monotonicMs();
    await look();
    lookedForMs = clock.monotonicMs() - fromMs;
  }

  function wake(): void {
    hasNews = true;
    loop.wake();
  }

  function isCurrent(): boolean {
    return !isStopped && deps.generation() === generation;
  }

  /**
   * A new head of a running cluster waits until the previous nodes have connected. Otherwise it would reduce the hostfile to the
   * first of them, and start the next job on those.
   */
  function settles(meta: ClusterItem): boolean {
    const isComplete = meta.clusterStatus !== "FINISHED" || usableNow() >= meta.desiredNodes;
    hasSettled ||= isComplete || !arrival.isGoingOn(roster.members());
    return hasSettled;
  }

  async function takeOver({ knownNodes }: ClusterItem): Promise<void> {
    const inherited = await records.inherited();
    // Where no head has seen a node since a park, the items are of nodes that went with it.
    const before = knownNodes === 0 ? [] : inherited;
    const nodes = before.map(({ instanceId: id, drain: _, ...node }) => ({ id, ...node }));
    roster.replace(inherit(roster.members(), nodes, clock.monotonicMs()));
    const drains = before.flatMap(({ instanceId, drain }): [string, NodeDrain][] =>
      drain ? [[instanceId, drain]] : [],
    );
    const ready = before.filter(({ failingProbes }) => failingProbes.length === 0);
    replacements.inherit(new Map(drains), new Set(ready.map(({ instanceId }) => instanceId)));
    hasInherited = true;
    const ids = inherited.map(({ instanceId: id }) => ({ id }));
    history.begin(self, generation, ids);
  }

  const membersNow = (members: Members, nowMs: number, meta: ClusterItem): Members =>
    membersAt(members, nowMs, {
      ...{ silentMs: silentMs(), forgetMs, isJobRunning: deps.isJobRunning() },
      ...{ meta, drains: replacements.drains(), now: clock.now() },
    });

  /** By name, in order. One that was there under the head before has as long to connect as any node. */
  function notebooksSeen(meta: ClusterItem): readonly string[] {
    const before = arrival.isGoingOn(roster.members()) ? (meta.notebooks ?? []) : [];
    const names = new Set([...notebooksHeard(roster.members()), ...before]);
    return [...names].sort().slice(0, MAX_BINDING_NOTEBOOKS);
  }

  function lookAtNodes(meta: ClusterItem): void {
    const nowMs = clock.monotonicMs();
    const failing = roster.allFailing(self.id, deps.failingProbes());
    const isGoing = roster.shutDownAt(self.address) !== null;
    const reported = isGoing ? roster.members() : report(roster.members(), self, failing, nowMs);
    roster.replace(membersNow(reported, nowMs, meta));
    roster.dropMarks();
    if (!isGoing && !deps.isJobRunning()) roster.forgetShutDown();
  }

  async function look(): Promise<void> {
    const askedAtMs = clock.monotonicMs();
    const meta = await deps.cluster.readCluster();
    if (!isCurrent()) return;
    lastMeta = meta === null ? null : { meta, atMs: askedAtMs };
    // A parked cluster's nodes go: who parks it writes META, and what this head still sees of them is no news. It replaces none.
    if (meta === null || meta.clusterStatus === "PARKED") {
      jobsMayStart = false;
      return;
    }
    // From here on no job is begun with nodes that this look may drain.
    if (!mayStartJobs(meta.clusterStatus)) jobsMayStart = false;
    if (!hasInherited) await takeOver(meta);
    if (!isCurrent()) return;
    lookAtNodes(meta);
    if (!settles(meta)) return;
    if (isLeaving(meta.park, self.bootedAt, clock.now())) {
      // It goes itself: what it would write of the nodes of a park is not so in a moment.
      jobsMayStart = false;
      return;
    }
    const found = replacementLook(meta);
    replacements.look(found);
    const goes = goesAnyway(meta, clock.now());
    roster.replace(applyDrains(roster.members(), replacements.drains(), goes));
    await write(meta, found);
  }

  /** Hostfile, then the nodes' items, then META: who reads there that all are ready finds their items. */
  async function write(meta: ClusterItem, found: ReplacementLook): Promise<void> {
    const seen = roster.members();
    const isEarly = arrival.isGoingOn(seen);
    const isToGo = meta.files !== undefined && meta.files !== "kept";
    const written = await writer.apply(isToGo ? [] : usableNodes(seen), isCurrent, deps.isJobRunning());
    if (!isCurrent()) return;
    listed = written;
    deps.cleaner.look(meta, generation, isCurrent);
    const nodes = summarize(seen, replacements.drains());
    await records.publish(nodes, isEarly, isCurrent, replacements.drains());
    if (!isCurrent()) return;
    history.nodes(nodes);
    replacements.act(found);
    await publish(meta, nodes, replacements.surplus(found));
    const mayStart = mayStartJobs(meta.clusterStatus) && listed.length > 0;
    if (mayStart && !jobsMayStart) deps.onJobsMayStart();
    jobsMayStart = mayStart;
  }

  function replacementLook(meta: ClusterItem): ReplacementLook {
    const members = roster.members();
    // Nodes that a park gave up go without being replaced.
    const staying = new Map(
      [...members].filter(([, { bootedAt }]) => !isLeaving(meta.park, bootedAt, clock.now())),
    );
    return {
      ...{ meta, generation, isCurrent },
      nodes: [
        ...summarize(staying, replacements.drains()),
        ...unheard.look(meta, usableNow(), new Set(members.keys())),
      ],
      usableNodes: usableNow(),
      noticesOf: (id) => (id === self.id ? deps.notices() : roster.noticesOf(id)),
      holdsWork: ({ address }) => deps.holdsWork(address),
      bootedAtOf: (id) => members.get(id)?.bootedAt,
    };
  }

  async function publish(
    meta: ClusterItem,
    nodes: readonly NodeSummary[],
    surplus: string | null,
  ): Promise<void> {
    const view = {
      surplus,
      notebooks: notebooksSeen(meta),
      ...{ headInstanceId: self.id, leaseGeneration: generation, nodes, hostfileNodes: listed },
      isJobRunning: deps.isJobRunning(),
      ...{ logBucket: deps.logBucket, instanceType: deps.instanceType },
    };
    const recorded = await usage.recorded(meta);
    if (!isCurrent()) return;
    const observation = planObservation(recorded, view, clock.now(), meta);
    if (observation === null) return;
    const { changes } = observation;
    const isWritten = await deps.cluster.writeObservation(observation);
    if (isWritten && isCurrent() && lastMeta !== null)
      lastMeta = { ...lastMeta, meta: { ...meta, ...changes } };
    if (!isWritten) return wake();
    history.written(meta, changes);
    const { clusterStatus, phase, reasonCode, reason, cores } = changes;
    log.info({ clusterStatus, phase, reasonCode, reason, cores }, "cluster observed");
  }

  function seen(): SeenCluster | null {
    if (lastMeta === null || !isCurrent()) return null;
    const { meta } = lastMeta;
    const nodes = () =>
      summarize(membersNow(roster.members(), clock.monotonicMs(), meta), replacements.drains());
    return { generation, startedAtMs, ...lastMeta, nodes };
  }

  function boundBy(): readonly string[] {
    if (lastMeta === null) return [];
    const { meta } = lastMeta;
    return bindingNotebooks({ ...meta, notebooks: [...notebooksSeen(meta)] });
  }

  return {
    ...{ generation, replacements, isCurrent, seen, boundBy },
    start: () => void loop.start(),
    stop() {
      isStopped = true;
      void loop.stop();
    },
    wake,
    isSettled: () => hasSettled && isCurrent(),
    listed: () => listed,
    jobsMayStart: () => jobsMayStart,
  };
}
