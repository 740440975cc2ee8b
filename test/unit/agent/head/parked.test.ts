import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { createHead } from "../../../../agent/head/head.js";
import type { Head } from "../../../../agent/head/ports.js";
import { replacementLimits } from "../../../../agent/head/replacement-limits.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

let head: Head | null = null;
afterEach(() => head?.stop());

const FLEET = { owner: "one", group: "alpha", nodes: 3, since: "2025-12-31T22:00:00.000Z" };
const BOOTED = "2025-12-31T23:00:00.000Z";

/** A head of two nodes, of which the other one fails for longer than a node may. */
function world(meta: Partial<ClusterItem>) {
  const clock = manualClock();
  const ended: string[] = [];
  const kept: string[] = [];
  /** What Auto Scaling lists. */
  const group = { instances: ["i-a", "i-b"], asked: 0 };
  const written: string[] = [];
  const atRest = { looks: 0, lookMs: 0, ends: 0, reports: ["shared"] as readonly string[] | null };
  const cluster = { current: clusterItem({ desiredNodes: 2, knownNodes: 2, ...meta }) };
  const [own, other] = [nodeSummary("i-a"), nodeSummary("i-b", { address: "10.0.0.2" })];
  const made = createHead({
    ...{ instanceType: "c5.xlarge", logBucket: "logs", clock, heartbeatMs: 1_000 },
    self: own,
    log: pino({ level: "silent" }),
    note: ({ code }) => void written.push(code),
    cluster: {
      async readCluster() {
        atRest.looks += 1;
        if (atRest.lookMs > 0) await clock.sleep(atRest.lookMs);
        return cluster.current;
      },
      recordUsage: async () => {},
      readNodes: async () => [],
      reportNode: async () => true,
      forgetNode: async () => true,
      noteReplacements: async () => true,
      async writeObservation() {
        written.push("observation");
        return true;
      },
    },
    hostfile: { path: "/shared/.hostfile", read: async () => null, write: async () => {} },
    failingProbes: () => [],
    notices: () => [],
    holdsWork: () => false,
    replacing: {
      readCluster: async () => cluster.current,
      group: {
        async instances() {
          group.asked += 1;
          return group.instances;
        },
        async end(id) {
          ended.push(id);
          group.instances = group.instances.filter((other) => other !== id);
        },
        setSize: async () => {},
      },
      lastWords: {
        async keep({ id, address }) {
          kept.push(`${id} ${address}`);
          return "nothing is kept";
        },
      },
      limits: replacementLimits({ afterSeconds: 10, bootSeconds: 10 }),
    },
    generation: () => 2,
    isJobRunning: () => false,
    recheck: async () => [],
    cleaner: { look: () => {} },
    ...{ restMs: 5_000, isUnchanged: () => true },
    onRestEnd: () => {
      atRest.ends += 1;
    },
    onTerm: () => {},
    onJobsMayStart: () => {},
  });
  head = made;
  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds * 10; passed += 1) {
      if (passed % 10 === 0 && atRest.reports !== null)
        made.report({ ...other, bootedAt: BOOTED }, atRest.reports, []);
      clock.advance(100);
      for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  made.start(2);
  return { head: made, ended, kept, group, written, pass, clock, cluster, atRest };
}

describe("a head whose cluster has a node that fails for long", () => {
  test("replaces it", async () => {
    const { ended, pass } = world({ clusterStatus: "FINISHED", phase: "degraded" });
    await pass(30);
    expect(ended).toEqual(["i-b"]);
  });

  test.each(["parking", "parked"] as const)(
    "replaces none and takes no job while it is %s",
    async (phase) => {
      const parked = { clusterStatus: "PARKED", phase, desiredNodes: 0 } as const;
      const { head: own, ended, written, pass } = world(parked);
      await pass(30);
      expect([ended, written, own.hostfileNow()]).toEqual([[], [], null]);
    },
  );

  test("replaces none that a park has given up, once the cluster is resumed", async () => {
    const { ended, pass, clock, cluster } = world({
      clusterStatus: "INPROGRESS",
      phase: "waiting-for-nodes",
    });
    const at = clock.now().toISOString();
    cluster.current = { ...cluster.current, park: { at, nodes: 2, releasedAt: at } };
    await pass(30);
    expect(ended).toEqual([]);
  });
});

describe("an instance that never reports", () => {
  const SHORT = { clusterStatus: "FINISHED", phase: "degraded", desiredNodes: 3, fleet: FLEET } as const;

  test("is replaced after the time of a boot, and its console is kept", async () => {
    const { ended, kept, group, pass, atRest } = world(SHORT);
    atRest.reports = [];
    group.instances = ["i-a", "i-b", "i-never"];
    await pass(11);
    expect([ended, group.asked > 0]).toEqual([[], true]);
    await pass(15);
    expect([ended, kept]).toEqual([["i-never"], ["i-never "]]);
  });

  test("that reports in time is left alone", async () => {
    const { head: own, ended, group, pass, atRest } = world(SHORT);
    atRest.reports = [];
    group.instances = ["i-a", "i-b", "i-late"];
    await pass(8);
    own.report(nodeSummary("i-late", { address: "10.0.0.3" }), [], []);
    await pass(5);
    expect(ended).toEqual([]);
  });

  test("is not asked for while no node is missing", async () => {
    const { ended, group, pass, atRest } = world({ ...SHORT, desiredNodes: 2 });
    atRest.reports = [];
    group.instances = ["i-a", "i-b", "i-never"];
    await pass(30);
    expect([ended, group.asked]).toEqual([[], 0]);
  });

  test("one in the place of the other is not replaced for ever: the fleet is protected after three", async () => {
    const { ended, group, written, pass, atRest } = world(SHORT);
    atRest.reports = [];
    for (let n = 1; n <= 5; n += 1) {
      group.instances = ["i-a", "i-b", `i-never-${n}`];
      await pass(20);
    }
    expect(ended).toEqual(["i-never-1", "i-never-2", "i-never-3"]);
    expect(written).toContain("fleet-protected");
  });
});

describe("a head whose cluster is at rest", () => {
  async function resting() {
    const made = world({ clusterStatus: "FINISHED", phase: "ready" });
    made.atRest.reports = [];
    await made.pass(70);
    expect(made.head.isAtRest()).toBe(true);
    made.atRest.looks = 0;
    return made;
  }
  const silentIds = (own: Head) =>
    own
      .seen()
      ?.nodes()
      .filter(({ reasonCode }) => reasonCode === "node-silent")
      .map(({ id }) => id);

  test("looks every five seconds, and each second again from the first news on", async () => {
    const { head: own, pass, atRest } = await resting();
    await pass(60);
    expect(atRest.looks).toBeGreaterThanOrEqual(11);
    expect(atRest.looks).toBeLessThanOrEqual(13);
    own.endRest();
    expect([own.isAtRest(), atRest.ends]).toEqual([false, 1]);
    atRest.looks = 0;
    await pass(30);
    expect(atRest.looks).toBeGreaterThanOrEqual(29);
  });

  test("has longer to hear its nodes, and no less time for a job that comes then", async () => {
    const { head: own, pass, atRest } = await resting();
    atRest.reports = null;
    await pass(8);
    expect([own.heard()?.has("10.0.0.2"), silentIds(own)]).toEqual([true, []]);
    own.endRest();
    await pass(2);
    expect(own.heard()?.has("10.0.0.2")).toBe(true);
    await pass(1);
    expect(own.heard()?.has("10.0.0.2")).toBe(false);
    await pass(4);
    expect(silentIds(own)).toEqual(["i-b"]);
  });

  test("finds a node that says nothing before its lease would run out", async () => {
    const { head: own, pass, atRest } = await resting();
    atRest.reports = null;
    await pass(11);
    expect(silentIds(own)).toEqual([]);
    await pass(3);
    expect(silentIds(own)).toEqual(["i-b"]);
  });
});

test("a head whose looks take long, while its cluster gets its nodes and there is news all the time, looks for half of its time at most", async () => {
  const { head: own, pass, atRest } = world({ clusterStatus: "INPROGRESS", desiredNodes: 64 });
  await pass(1);
  Object.assign(atRest, { looks: 0, lookMs: 400 });
  for (let tenth = 0; tenth < 100; tenth += 1) {
    own.wake();
    await pass(0.1);
  }
  expect(atRest.looks).toBeGreaterThan(8);
  expect(atRest.looks).toBeLessThanOrEqual(13);
});

describe("what a head has seen of its cluster", () => {
  test("is nothing before its first look, then META and its nodes, and nothing after its term", async () => {
    const { head: seer, pass } = world({ clusterStatus: "FINISHED", phase: "ready" });
    expect(seer.seen()).toBeNull();
    await pass(1);
    expect(seer.seen()).toMatchObject({ generation: 2, meta: { clusterStatus: "FINISHED" } });
    expect(
      seer
        .seen()
        ?.nodes()
        .map(({ id }) => id),
    ).toEqual(["i-a", "i-b"]);
    seer.stop();
    expect(seer.seen()).toBeNull();
  });

  test("has the notebooks that the head before named, until each had the time to connect", async () => {
    const named = { notebooks: ["explore"], shareWithNotebooks: false };
    const { head: seer, pass } = world({ clusterStatus: "FINISHED", phase: "ready", ...named });
    await pass(1);
    expect(seer.boundBy()).toEqual(["explore"]);
    await pass(60);
    expect(seer.boundBy()).toEqual([]);
  });
});
