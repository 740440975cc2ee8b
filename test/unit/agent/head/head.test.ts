import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { createHead } from "../../../../agent/head/head.js";
import type { Head } from "../../../../agent/head/ports.js";
import { replacementLimits } from "../../../../agent/head/replacement-limits.js";
import { clusterItem, nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

let head: Head | null = null;
afterEach(() => head?.stop());

const OWN = "10.0.0.1";
const OTHER = "10.0.0.2";
const BOOTED = "2025-12-31T23:00:00.000Z";
const INTERRUPTION: NodeNotice = {
  ...{ kind: "spot-interruption", at: "2026-01-01T00:02:00.000Z", what: "terminate" },
};

/** The head i-a of a ready cluster with i-b, which reports each second as `other` says; null: it has fallen silent. */
function world(meta: Partial<ClusterItem> = {}) {
  const clock = manualClock();
  const state = {
    meta: clusterItem({ clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2, knownNodes: 2, ...meta }),
    other: [] as readonly string[] | null,
    notices: [] as NodeNotice[],
    working: new Set<string>(),
    bad: [] as string[],
    generation: 2 as number | null,
    hostfile: null as string | null,
    failing: [] as string[],
    /** What the head before has written of i-b; null: there was none. */
    before: null as readonly string[] | null,
    ended: [] as string[],
    /** How often it was said that jobs may start. */
    starts: 0,
  };
  const [own, other] = [nodeSummary("i-a"), nodeSummary("i-b", { address: OTHER })];
  const made = createHead({
    ...{ instanceType: "c5.xlarge", logBucket: "logs", clock, heartbeatMs: 1_000, self: own },
    ...{ restMs: 5_000, isUnchanged: () => true, onRestEnd: () => {} },
    ...{ log: pino({ level: "silent" }), note: () => {} },
    cluster: {
      readCluster: async () => state.meta,
      recordUsage: async () => {},
      readNodes: async () =>
        state.before === null ? [] : [nodeItem({ ...other, failingProbes: [...state.before] })],
      reportNode: async () => true,
      forgetNode: async () => true,
      noteReplacements: async () => true,
      writeObservation: async () => true,
    },
    hostfile: {
      path: "/shared/.hostfile",
      read: async () => state.hostfile,
      async write(text) {
        state.hostfile = text;
      },
    },
    failingProbes: () => state.failing,
    notices: () => state.notices,
    holdsWork: (address) => state.working.has(address),
    replacing: {
      readCluster: async () => state.meta,
      group: {
        instances: async () => [],
        end: async (id) => void state.ended.push(id),
        setSize: async () => {},
      },
      lastWords: { keep: async () => "nothing is kept" },
      limits: replacementLimits({ afterSeconds: 20, bootSeconds: 60 }),
    },
    generation: () => state.generation,
    isJobRunning: () => state.working.size > 0,
    recheck: async () => state.bad,
    cleaner: { look: () => {} },
    onTerm: () => {},
    onJobsMayStart() {
      state.starts += 1;
    },
  });
  head = made;
  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds * 10; passed += 1) {
      if (passed % 10 === 0 && state.other !== null)
        made.report({ ...other, bootedAt: BOOTED }, state.other, []);
      clock.advance(100);
      for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { ...{ state, pass }, head: made };
}

/** All that is asked of a head. */
const knowledge = (of: Head) => ({
  hostfile: of.hostfileNow()?.nodes.map(({ address }) => address) ?? null,
  inTouch: addresses(of.inTouch()),
  heard: addresses(of.heard()),
  nodes: of.nodes()?.toSorted((a, b) => a.id.localeCompare(b.id)) ?? null,
  states: of.nodesByState() === null ? null : Object.fromEntries(of.nodesByState() ?? []),
});
const addresses = (of: ReadonlySet<string> | null) => (of === null ? null : [...of].sort());

const node = (id: string, isHeard = true) => ({
  ...{ id, kind: "worker", isHeard },
  ...(id === "i-a" ? {} : { bootedAt: BOOTED }),
});
const ALL = {
  ...{ hostfile: [OWN, OTHER], inTouch: [OWN, OTHER], heard: [OWN, OTHER] },
  ...{ nodes: [node("i-a"), node("i-b")], states: { ready: 2 } },
};
const NOTHING = { hostfile: null, inTouch: null, heard: null, nodes: null, states: null };

describe("a node that is head", () => {
  test("knows nothing before its term and after it, and in its term which nodes there are", async () => {
    const { head: mine, pass } = world();
    expect([knowledge(mine), mine.boundBy(), mine.leaving(OWN)]).toEqual([NOTHING, [], null]);
    mine.start(2);
    expect(knowledge(mine)).toEqual({ ...NOTHING, states: {} });
    await pass(2);
    expect(knowledge(mine)).toEqual(ALL);
    expect([mine.instanceAt(OWN), mine.instanceAt(OTHER), mine.instanceAt("10.0.0.9")]).toEqual([
      "i-a",
      "i-b",
      null,
    ]);
    mine.stop();
    expect(knowledge(mine)).toEqual(NOTHING);
  });

  test("says once that jobs may start, and again after each time at which they might not", async () => {
    const { head: mine, state, pass } = world({ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" });
    mine.start(2);
    await pass(12);
    expect(state.starts).toBe(0);
    state.meta = clusterItem({ clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2 });
    await pass(12);
    expect(state.starts).toBe(1);
    const { meta } = state;
    state.meta = { ...meta, clusterStatus: "INPROGRESS" };
    await pass(12);
    state.meta = meta;
    await pass(12);
    expect(state.starts).toBe(2);
  });

  test("lets no job start where no node is usable, its own neither", async () => {
    const { head: mine, state, pass } = world({ knownNodes: 1, desiredNodes: 1 });
    state.other = null;
    state.failing = ["shared"];
    mine.start(2);
    await pass(12);
    expect(state.starts).toBe(0);
    state.failing = [];
    await pass(12);
    expect(state.starts).toBe(1);
  });

  test("counts on no node that has fallen silent, and lists it as lost", async () => {
    const { head: mine, state, pass } = world();
    mine.start(2);
    await pass(2);
    state.other = null;
    await pass(10);
    expect(knowledge(mine)).toEqual({
      ...{ hostfile: [OWN], inTouch: [OWN], heard: [OWN] },
      ...{ nodes: [node("i-a"), node("i-b", false)], states: { ready: 1, unready: 1 } },
    });
  });

  test.each([
    ["that was ready under the head before is replaced, once it fails for so long", [], ["i-b"]],
    ["that was not ready yet under the head before has the time of a boot", ["mpi"], []],
  ])("a node %s", async (_what, before, ended) => {
    const { head: mine, state, pass } = world();
    [state.before, state.other] = [before, ["mpi"]];
    mine.start(2);
    await pass(40);
    expect(state.ended).toEqual(ended);
    await pass(40);
    expect(state.ended).toEqual(["i-b"]);
  });

  test("starts no job on a node that was set aside, until that is found in order", async () => {
    const { head: mine, state, pass } = world();
    mine.start(2);
    await pass(2);
    state.bad = [OTHER];
    mine.setAside([OTHER, "10.0.0.9"]);
    await pass(1);
    expect([mine.isSetAside("i-a"), mine.isSetAside("i-b")]).toEqual([false, true]);
    expect(knowledge(mine)).toMatchObject({ hostfile: [OWN], states: { ready: 1, unready: 1 } });
    state.bad = [];
    await pass(40);
    expect(mine.isSetAside("i-b")).toBe(false);
    expect(knowledge(mine)).toEqual(ALL);
  });

  test("starts no job once its lease has run out", async () => {
    const { head: mine, state, pass } = world();
    mine.start(2);
    await pass(2);
    state.generation = null;
    expect(mine.hostfileNow()).toBeNull();
  });

  test.each<[string, Partial<ClusterItem>, number]>([
    ["has both nodes", {}, 2],
    ["has them too where its files are to be kept", { files: "kept" }, 2],
    ["is empty where its files are to be emptied", { files: "to-empty" }, 0],
  ])("writes a hostfile that %s", async (_name, meta, lines) => {
    const { head: mine, state, pass } = world(meta);
    mine.start(2);
    await pass(2);
    expect(state.hostfile?.split("\n").filter(Boolean).length ?? 0).toBe(lines);
  });
});

describe("a node that shuts down", () => {
  async function beside(address: string) {
    const scene = world();
    scene.head.start(2);
    await scene.pass(2);
    scene.state.working.add(OWN).add(OTHER);
    scene.state.other = address === OTHER ? null : [];
    scene.head.shutsDown({ id: address === OTHER ? "i-b" : "i-a", address });
    return scene;
  }
  const gone = (id: string, address: string) => ({
    why: because("node-lost", `node ${id} (${address}) was shut down while the job ran`),
    ...{ isDue: true, shutsDown: true },
  });

  test("is out of the hostfile at once, and ends the attempt there, by the name of its instance", async () => {
    const { head: mine, state, pass } = await beside(OTHER);
    expect(mine.leaving(OTHER)).toEqual(gone("i-b", OTHER));
    expect([mine.leaving(OWN), mine.instanceAt(OTHER), mine.handsOver()]).toEqual([null, "i-b", false]);
    await pass(1);
    expect(state.hostfile).toBe(`${OWN}:2\n`);
    // Its agent says goodbye.
    mine.leave("i-b");
    expect(mine.leaving(OTHER)).toEqual(gone("i-b", OTHER));
    // No job runs any more that it could explain the end of.
    state.working.clear();
    await pass(2);
    expect([mine.leaving(OTHER), mine.instanceAt(OTHER)]).toEqual([null, null]);
  });

  test("and comes back is a node as any other", async () => {
    const { head: mine, state, pass } = await beside(OTHER);
    state.other = [];
    await pass(2);
    expect([mine.leaving(OTHER), mine.nodes()?.length]).toEqual([null, 2]);
  });

  test("and is the head begins no other job or attempt, and hands over once it holds no work, also with no other node", async () => {
    const { head: mine, state, pass } = await beside(OWN);
    expect(mine.leaving(OWN)).toEqual(gone("i-a", OWN));
    expect([mine.handsOver(), mine.isToHandOver()]).toEqual([true, false]);
    await pass(1);
    expect(state.hostfile).toBe(`${OTHER}:2\n`);
    state.working.clear();
    state.other = null;
    await pass(10);
    expect([mine.handsOver(), mine.isToHandOver(), mine.hasReadyPeer()]).toEqual([true, true, false]);
  });
});

describe("a head that EC2 is about to take", () => {
  async function interrupted() {
    const scene = world();
    scene.head.start(2);
    await scene.pass(2);
    expect([scene.head.handsOver(), scene.head.hasReadyPeer()]).toEqual([false, true]);
    scene.state.notices = [INTERRUPTION];
    return scene;
  }

  test("hands over to another that is ready, once it holds no work", async () => {
    const { head: mine, state, pass } = await interrupted();
    state.working.add(OWN);
    await pass(5);
    expect([mine.handsOver(), mine.isToHandOver()]).toEqual([true, false]);
    expect(mine.leaving(OWN)).toMatchObject({ why: { reasonCode: "node-interrupted" }, isDue: false });
    expect([mine.leaving(OTHER), mine.leaving("10.0.0.9")]).toEqual([null, null]);
    state.working.clear();
    expect(mine.isToHandOver()).toBe(true);
  });

  test("stays head where no other is ready", async () => {
    const { head: mine, state, pass } = await interrupted();
    state.other = ["shared"];
    await pass(5);
    expect([mine.hasReadyPeer(), mine.handsOver(), mine.isToHandOver()]).toEqual([false, false, false]);
  });
});
