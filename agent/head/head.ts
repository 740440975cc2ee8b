import { because, SILENT_PROBE } from "../contract/reasons.js";
import type { NodeSummary } from "../contract/registry.js";
import { MISSED_HEARTBEATS } from "../peers/messages.js";
import { createHistory } from "./history.js";
import type { HostfileNode } from "./hostfile.js";
import { createHostfileWriter } from "./hostfile-writer.js";
import { countStates, nodesHeard, nodesInTouch, usableNodes } from "./members.js";
import type { Head, HeadDeps, KnownNode } from "./ports.js";
import { forgetMs } from "./replacement-limits.js";
import { createRest } from "./rest.js";
import { createRoster } from "./roster.js";
import { createTerm, type Term, type TermParts } from "./term.js";
import { createUsageRecords } from "./usage-records.js";

const hostsOf = (nodes: readonly NodeSummary[]): readonly HostfileNode[] =>
  nodes.map(({ address, cores }) => ({ address, cores }));

const nodeShutDown = (id: string, address: string) =>
  because("node-lost", `node ${id} (${address}) was shut down while the job ran`);

/** Makes the head's role of this node, without a term: one term after the other works on it, and this answers for the one that runs. */
export function createHead(deps: HeadDeps): Head {
  const { clock, self, log } = deps;
  let term: Term | null = null;
  const rest = createRest({
    ...{ isJobRunning: deps.isJobRunning, isUnchanged: deps.isUnchanged },
    onEnd() {
      roster.countAnew();
      deps.onRestEnd();
      term?.wake();
    },
    clock,
  });
  const isAtRest = () => term !== null && rest.isAtRest();
  /** At rest a node has so much longer to be heard: until it is asked, and then as long as for two heartbeats. */
  const longerMs = () => (isAtRest() ? deps.restMs + 2 * deps.heartbeatMs : 0);
  function wake(): void {
    rest.end();
    term?.wake();
  }
  const roster = createRoster({ recheck: deps.recheck, onNews: wake, isAtRest, clock, log });
  const parts: TermParts = {
    roster,
    writer: createHostfileWriter(deps.hostfile, clock, log),
    usage: createUsageRecords(deps.cluster, log),
    history: createHistory(deps.note),
    rest,
    silentMs: () => MISSED_HEARTBEATS * deps.heartbeatMs + longerMs(),
    forgetMs: forgetMs(deps.replacing.limits),
  };

  function stop(): void {
    term?.stop();
    term = null;
    roster.clear();
  }

  const heardNow = () =>
    new Set([...nodesHeard(roster.members(), clock.monotonicMs(), longerMs()), self.address]);
  /** Silent ones stay in the hostfile for a while, and must not be in the next job's; nor may those that were set aside. */
  function listedNow(listed: readonly NodeSummary[]): readonly HostfileNode[] {
    const heard = heardNow();
    return hostsOf(listed.filter(({ address, id }) => heard.has(address) && !roster.isSetAside(id)));
  }

  /** The nodes that it knows, where a term is far enough to say it. */
  function nodes(): readonly KnownNode[] | null {
    if (!term?.isSettled()) return null;
    return [...roster.members().values()].map(({ id, kind, failingProbes, bootedAt }) => ({
      ...{ id, kind },
      ...(bootedAt === undefined ? {} : { bootedAt }),
      isHeard: !failingProbes.includes(SILENT_PROBE),
    }));
  }

  const hasReadyPeer = () => usableNodes(roster.members()).some(({ id }) => id !== self.id);
  const isDrained = () => term?.replacements.drains().has(self.id) === true;
  const handsOver = () => roster.shutDownAt(self.address) !== null || (isDrained() && hasReadyPeer());

  return {
    start(generation) {
      if (term?.generation === generation) return;
      stop();
      rest.end();
      term = createTerm(generation, parts, deps);
      term.start();
      deps.onTerm();
    },
    stop,
    report: roster.report,
    shutsDown: roster.shutsDown,
    leave: roster.leave,
    lose: roster.lose,
    hostfileNow() {
      if (!term?.jobsMayStart() || deps.generation() === null) return null;
      return { path: deps.hostfile.path, nodes: listedNow(term.listed()) };
    },
    inTouch: () => (term?.isSettled() ? nodesInTouch(roster.members()) : null),
    heard: () => (term?.isSettled() ? heardNow() : null),
    instanceAt: roster.idAt,
    setAside: roster.setAside,
    isSetAside: roster.isSetAside,
    boundBy: () => term?.boundBy() ?? [],
    nodesByState: () => (term?.isCurrent() ? countStates(roster.members()) : null),
    seen: () => term?.seen() ?? null,
    nodes,
    wake,
    isAtRest,
    endRest: rest.end,
    handsOver,
    isToHandOver: () => handsOver() && !deps.holdsWork(self.address),
    leaving(address) {
      const id = roster.idAt(address);
      if (id !== null && roster.shutDownAt(address) === id)
        return { why: nodeShutDown(id, address), isDue: true, shutsDown: true };
      return id === null ? null : (term?.replacements.leaving(id) ?? null);
    },
    hasReadyPeer,
  };
}
