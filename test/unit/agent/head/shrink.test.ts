import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { NewEvent } from "../../../../agent/contract/event.js";
import type { ClusterItem, NodeSummary } from "../../../../agent/contract/registry.js";
import { createReplacements } from "../../../../agent/head/replacements.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const fleet = { owner: "o", group: "nodes", nodes: 3, since: "2026-01-01T00:00:00.000Z" };
const all = ["i-a", "i-b", "i-c"].map((id, index) => nodeSummary(id, { address: `10.0.0.${index + 1}` }));

/** A head, i-a, of three nodes of which two are to stay; `calls` has what it did, in order. */
function shrinking(meta: Partial<ClusterItem> = {}) {
  const clock = manualClock();
  const asked = { statusChangedAt: "2026-01-01T00:00:00.000Z", shrinksFrom: 3, desiredNodes: 2 } as const;
  const world = {
    meta: clusterItem({ fleet, clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", ...asked, ...meta }),
    nodes: all as readonly NodeSummary[],
    working: new Set<string>(),
    /** Called as an instance is ended. */
    whileEnding: () => {},
    endFails: null as Error | null,
    setFails: null as Error | null,
    /** META as it is read again before the group is changed, where that is not what the look saw. */
    read: undefined as ClusterItem | null | undefined,
  };
  const calls: string[] = [];
  const events: NewEvent[] = [];
  const replacements = createReplacements({
    ...{ selfId: "i-a", clock, log: pino({ level: "silent" }) },
    limits: { afterMs: 300_000, bootMs: 900_000, perHour: null },
    group: {
      async end(id, isReplaced) {
        calls.push(`end ${id}${isReplaced ? "" : ", one less"}`);
        world.whileEnding();
        if (world.endFails !== null) throw world.endFails;
      },
      async setSize(name, nodes) {
        calls.push(`set ${name} to ${nodes}`);
        if (world.setFails !== null) throw world.setFails;
      },
    },
    lastWords: { keep: async ({ id }) => `kept of ${id}` },
    noteReplacements: async () => true,
    readCluster: async () => (world.read === undefined ? world.meta : world.read),
    note: (event) => events.push(event),
  });
  async function look(seconds = 1): Promise<string | null> {
    clock.advance(seconds * 1_000);
    const given = {
      ...{ meta: world.meta, nodes: world.nodes, usableNodes: 2, generation: 3 },
      ...{ noticesOf: () => [], bootedAtOf: () => undefined, isCurrent: () => true },
      holdsWork: ({ id }: NodeSummary) => world.working.has(id),
    };
    replacements.look(given);
    replacements.act(given);
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
    return replacements.surplus(given);
  }
  const drained = () => [...replacements.drains()].map(([id, drain]) => `${id} ${drain.reasonCode}`);
  return { world, calls, events, look, drained, replacements };
}

describe("a cluster that shrinks", () => {
  test("drains one node, ends it so that the group has one less, sets the group's size, and is done", async () => {
    const { calls, events, look, drained } = shrinking();
    expect(await look()).toContain("3 nodes are there, and 2 wanted; i-b goes now");
    expect([drained(), calls]).toEqual([["i-b node-surplus"], []]);
    await look();
    expect(calls).toEqual(["end i-b, one less"]);
    await look();
    expect(await look()).toBeNull();
    expect(calls).toEqual(["end i-b, one less", "set nodes to 2"]);
    expect(events.map(({ code }) => code)).toEqual(["node-draining", "node-ended"]);
    expect(events.at(-1)?.text).toBe(
      "i-b was given back, and the group has one node less: only 2 nodes are wanted",
    );
  });

  test("ends no node that a job uses, and does not set the group's size while one runs", async () => {
    const { world, calls, look } = shrinking();
    world.working = new Set(["i-a", "i-b", "i-c"]);
    for (let hour = 0; hour < 5; hour += 1)
      expect(await look(3_600)).toContain("i-b goes when the job on it has ended");
    expect(calls).toEqual([]);
    // Of the nodes that stay.
    world.working = new Set(["i-a"]);
    await look();
    expect(calls).toEqual(["end i-b, one less"]);
    expect(await look(3_600)).toBe("a job runs");
    expect(calls).toHaveLength(1);
    world.working = new Set();
    await look();
    expect(calls.at(-1)).toBe("set nodes to 2");
  });

  test("ends a node that was chosen, and whose work it can't hear of any more, after a minute of silence", async () => {
    const { world, calls, look } = shrinking();
    world.working = new Set(["i-a", "i-b", "i-c"]);
    await look();
    world.nodes = all.map((node) =>
      node.id === "i-b" ? { ...node, state: "unready", failingProbes: ["heartbeat"] } : node,
    );
    await look();
    await look(59);
    expect(calls).toEqual([]);
    await look();
    expect(calls).toEqual(["end i-b, one less"]);
  });

  test("takes a node without work first: a job on the others is not in the way of it", async () => {
    const { world, calls, look } = shrinking();
    world.working = new Set(["i-a", "i-b"]);
    await look();
    await look();
    expect(calls).toEqual(["end i-c, one less"]);
  });

  test("goes on under a new head with the node that the one before has chosen", async () => {
    const first = shrinking();
    first.world.working = new Set(["i-a", "i-b", "i-c"]);
    await first.look();
    const next = shrinking();
    next.replacements.inherit(first.replacements.drains(), new Set());
    // It has heard none of the others, and knows of no work yet.
    next.world.nodes = all.map((node) =>
      node.id === "i-a" ? node : { ...node, state: "unready", failingProbes: ["heartbeat"] },
    );
    next.world.working = new Set(["i-a", "i-b", "i-c"]);
    await next.look();
    await next.look(20);
    expect([next.calls, next.drained()]).toEqual([[], ["i-b node-surplus"]]);
    next.world.nodes = all;
    next.world.working = new Set();
    await next.look();
    expect(next.calls).toEqual(["end i-b, one less"]);
  });

  test("that is to grow meanwhile has the later number in registry and group, whatever was on its way", async () => {
    const { world, calls, look } = shrinking();
    await look();
    world.whileEnding = () => {
      const { shrinksFrom: _, ...meta } = world.meta;
      world.meta = { ...meta, desiredNodes: 4, statusChangedAt: "2026-01-01T00:01:00.000Z" };
    };
    await look();
    expect(calls).toEqual(["end i-b, one less", "set nodes to 4"]);
    world.nodes = all.filter(({ id }) => id !== "i-b");
    await look();
    expect(calls).toHaveLength(2);
  });

  test("that is to grow before a node has gone keeps it", async () => {
    const { world, calls, look, drained } = shrinking();
    world.working = new Set(["i-b"]);
    world.nodes = [all[0], all[1]].flatMap((node) => node ?? []);
    world.meta = { ...world.meta, desiredNodes: 1 };
    await look();
    expect(drained()).toEqual(["i-b node-surplus"]);
    const { shrinksFrom: _, ...meta } = world.meta;
    world.meta = { ...meta, desiredNodes: 2 };
    await look();
    expect([drained(), calls]).toEqual([[], []]);
  });

  test("whose group may not be so small says so, and tries again", async () => {
    const { world, calls, look, drained } = shrinking();
    const refusal =
      "Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group's min size constraint.";
    world.endFails = Object.assign(new Error(refusal), { name: "ValidationError" });
    await look();
    await look();
    expect(await look()).toContain("3 nodes are there");
    expect(calls).toEqual(["end i-b, one less"]);
    world.endFails = null;
    await look(31);
    expect(calls).toEqual(["end i-b, one less", "end i-b, one less"]);
    expect(drained()).toEqual(["i-b node-surplus"]);
  });

  test("is not ready while its group's size can't be set", async () => {
    const { world, look } = shrinking({ desiredNodes: 3 });
    world.setFails = new Error("throttled");
    expect(await look()).toBe("the group's size is being set");
    world.setFails = null;
    await look();
    expect(await look()).toBeNull();
  });

  test.each<[string, (meta: ClusterItem) => ClusterItem | null]>([
    ["is gone by then", () => null],
    ["wants another number by then", (meta) => ({ ...meta, statusChangedAt: "2026-01-01T00:09:00.000Z" })],
    ["does not shrink any more by then", ({ shrinksFrom: _, ...meta }) => meta],
  ])("that %s keeps its group's size", async (_name, readAgain) => {
    const { world, calls, look } = shrinking({ desiredNodes: 3 });
    world.read = readAgain(world.meta);
    await look();
    await look();
    expect(calls).toEqual([]);
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["has ended by then", { clusterStatus: "FINISHED" }],
    ["wants none by then", { desiredNodes: 0 }],
  ])("whose change %s sets no other size", async (_name, change) => {
    const { world, calls, look } = shrinking();
    await look();
    world.whileEnding = () => {
      world.read = { ...world.meta, desiredNodes: 4, ...change };
    };
    await look();
    expect(calls).toEqual(["end i-b, one less"]);
  });

  test("ends a hundred nodes some at a time", async () => {
    const { world, calls, look } = shrinking({ desiredNodes: 1 });
    world.nodes = Array.from({ length: 101 }, (_, n) => nodeSummary(n === 0 ? "i-a" : `i-${n}`));
    await look();
    await look();
    expect(calls).toHaveLength(16);
    for (let turn = 0; turn < 8; turn += 1) await look();
    expect(calls.filter((call) => call.startsWith("end"))).toHaveLength(100);
    expect(calls).not.toContain("end i-a, one less");
  });
});

test.each<[string, Partial<ClusterItem>]>([
  ["has got more nodes than are wanted by another's hand", { clusterStatus: "FINISHED", phase: "ready" }],
  ["could not be made smaller in time", { clusterStatus: "FAILED" }],
  ["is being removed", { clusterStatus: "REMOVING", phase: "removing" }],
])("a cluster that %s ends no node by itself", async (_name, meta) => {
  const { calls, look, drained } = shrinking(meta);
  await look();
  expect(await look()).toBeNull();
  expect([calls, drained()]).toEqual([[], []]);
});
