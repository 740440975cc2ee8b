import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { NewEvent } from "../../../../agent/contract/event.js";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import type { ClusterItem, NodeSummary } from "../../../../agent/contract/registry.js";
import type { ReplacementNote } from "../../../../agent/contract/writes/replacement.js";
import { createReplacements } from "../../../../agent/head/replacements.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const MINUTE_MS = 60_000;
const a = nodeSummary("i-a");
const b = nodeSummary("i-b", { address: "10.0.0.2" });
const silentB: NodeSummary = {
  ...b,
  state: "unready",
  failingProbes: ["heartbeat"],
  reasonCode: "node-silent",
};

/** A term's replacements in a cluster that wants two nodes; `calls` has what was done, in order. */
function term(meta: Partial<ClusterItem> = {}) {
  const clock = manualClock();
  const world = {
    meta: clusterItem({ clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2, ...meta }),
    nodes: [a, b] as readonly NodeSummary[],
    notices: new Map<string, NodeNotice[]>(),
    working: new Set<string>(),
    bootedAt: new Map<string, string>(),
    isCurrent: true,
    endFails: null as Error | null,
    endTakes: Promise.resolve(),
    /** Called while a node's last words are kept. */
    whileKeeping: () => {},
  };
  const calls: string[] = [];
  const events: NewEvent[] = [];
  const replacements = createReplacements({
    selfId: "i-a",
    limits: { afterMs: 5 * MINUTE_MS, bootMs: 15 * MINUTE_MS, perHour: null },
    group: {
      async end(id, isReplaced) {
        calls.push(`end ${id} ${isReplaced}`);
        await world.endTakes;
        if (world.endFails !== null) throw world.endFails;
      },
      async setSize(name, nodes) {
        calls.push(`set ${name} to ${nodes}`);
      },
    },
    lastWords: {
      async keep({ id }) {
        calls.push(`keep ${id}`);
        world.whileKeeping();
        return "its console is s3://logs/console.log";
      },
    },
    async noteReplacements(generation, note: ReplacementNote) {
      if (!world.isCurrent) return false;
      calls.push(
        `note ${generation}: ${note.replacements.map(({ nodeId }) => nodeId).join()} ${note.protectedSince}`,
      );
      world.meta = { ...world.meta, ...note };
      return true;
    },
    readCluster: async () => world.meta,
    note: (event) => events.push(event),
    clock,
    log: pino({ level: "silent" }),
  });
  /** One look of the head, and all that it begins. */
  async function look(minutes = 0): Promise<void> {
    clock.advance(minutes * MINUTE_MS);
    const given = {
      meta: world.meta,
      nodes: world.nodes,
      usableNodes: world.nodes.filter(({ id, state }) => state === "ready" && !replacements.drains().has(id))
        .length,
      noticesOf: (id: string) => world.notices.get(id) ?? [],
      holdsWork: ({ id }: NodeSummary) => world.working.has(id),
      bootedAtOf: (id: string) => world.bootedAt.get(id),
      generation: 3,
      isCurrent: () => world.isCurrent,
    };
    replacements.look(given);
    replacements.act(given);
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  }
  return { world, calls, events, replacements, look, clock };
}
const spot = (at: string): NodeNotice => ({ kind: "spot-interruption", at, what: "terminate" });

describe("a node that is lost", () => {
  test("is drained, then what it left is kept, then it is counted, then it goes; and is no more touched", async () => {
    const { world, calls, events, replacements, look } = term();
    await look();
    world.nodes = [a, silentB];
    await look();
    await look(4.9);
    expect(replacements.drains().size).toBe(0);
    await look(0.2);
    expect(replacements.drains().get("i-b")).toMatchObject({
      reasonCode: "node-silent-too-long",
      endedAt: null,
    });
    expect(calls).toEqual([]);
    await look();
    expect(calls).toEqual(["keep i-b", "note 3: i-b null", "end i-b true"]);
    expect(events.map(({ code, nodeId }) => `${code} ${nodeId}`)).toEqual([
      "node-lost i-b",
      "node-draining i-b",
      "node-replaced i-b",
    ]);
    expect(events.at(-1)?.text).toBe(
      "i-b was given back, and the group starts another: not heard for 306 s; its console is s3://logs/console.log",
    );
    expect(replacements.drains().get("i-b")?.endedAt).not.toBeNull();
    await look(60);
    expect(calls).toHaveLength(3);
  });

  test("is ended by the next head, where the one before has only drained it", async () => {
    const first = term();
    first.world.nodes = [a, silentB];
    await first.look();
    await first.look(16);
    const next = term();
    next.world.nodes = [a, silentB];
    next.replacements.inherit(first.replacements.drains(), new Set(["i-a"]));
    await next.look();
    expect(next.calls).toEqual(["keep i-b", "note 3: i-b null", "end i-b true"]);
  });

  test("goes though Auto Scaling does not know it any more, and is tried again after any other failure, counted once", async () => {
    const { world, calls, replacements, look } = term();
    world.nodes = [a, silentB];
    world.endFails = new Error("Throttling");
    await look();
    await look(15);
    await look();
    await look();
    expect(calls).toEqual(["keep i-b", "note 3: i-b null", "end i-b true"]);
    world.endFails = Object.assign(new Error("Instance Id not found"), { name: "ValidationError" });
    await look(1);
    expect(calls.slice(3)).toEqual(["keep i-b", "end i-b true"]);
    expect(replacements.drains().get("i-b")?.endedAt).not.toBeNull();
  });

  test("is ended once, however often the head looks while it is being ended", async () => {
    const { world, calls, look, replacements } = term();
    world.nodes = [a, silentB];
    await look();
    await look(15);
    const { promise, resolve } = Promise.withResolvers<void>();
    world.endTakes = promise;
    for (let more = 0; more < 3; more += 1) await look();
    expect(calls).toEqual(["keep i-b", "note 3: i-b null", "end i-b true"]);
    resolve();
    await look();
    expect(calls).toHaveLength(3);
    expect(replacements.drains().get("i-b")?.endedAt).not.toBeNull();
  });

  test("is not ended where its drain is taken back while its last words are kept", async () => {
    const { world, calls, look, replacements } = term();
    world.nodes = [a, silentB];
    await look();
    await look(15);
    world.whileKeeping = () => {
      world.nodes = [a, b];
      void look();
    };
    await look();
    expect(calls).toEqual(["keep i-b"]);
    expect(replacements.drains().size).toBe(0);
  });

  test("is not ended by a head of before", async () => {
    const { world, calls, look } = term();
    world.nodes = [a, silentB];
    await look();
    await look(15);
    world.whileKeeping = () => {
      world.isCurrent = false;
    };
    await look();
    expect(calls).toEqual(["keep i-b"]);
  });
});

describe("a node that holds work", () => {
  test("is never ended, though a job came to it between the verdict and the end", async () => {
    const { world, calls, look } = term();
    world.notices.set("i-b", [spot("2026-01-01T02:00:00.000Z")]);
    world.whileKeeping = () => world.working.add("i-b");
    await look();
    await look();
    expect(calls).toEqual(["keep i-b"]);
    world.whileKeeping = () => {};
    await look(5);
    expect(calls).toEqual(["keep i-b"]);
    world.working.clear();
    await look();
    expect(calls.slice(1)).toEqual(["keep i-b", "end i-b true"]);
  });

  test("and is taken by EC2 is left by its job shortly before, with the reason", async () => {
    const { world, replacements, look } = term();
    world.notices.set("i-b", [spot("2026-01-01T00:02:00.000Z")]);
    world.working.add("i-b");
    await look();
    expect(replacements.leaving("i-a")).toBeNull();
    expect(replacements.leaving("i-b")).toEqual({
      why: {
        reasonCode: "node-interrupted",
        reason: "node i-b is taken: EC2 takes the spot instance (terminate), at 2026-01-01T00:02:00.000Z",
      },
      isDue: false,
    });
    await look(1.5);
    expect(replacements.leaving("i-b")?.isDue).toBe(true);
  });
});

test("a hint is noted once, and the node stays as it is", async () => {
  const { world, events, replacements, look } = term();
  world.notices.set("i-b", [{ kind: "rebalance", at: null, what: "rebalance" }]);
  await look();
  await look(60);
  expect(events).toEqual([
    { code: "node-notice", text: "EC2 announces rebalance of i-b: rebalance", nodeId: "i-b" },
  ]);
  expect(replacements.drains().size).toBe(0);
});

test("a notice that is taken back lets the node return", async () => {
  const { world, calls, events, replacements, look } = term();
  world.working.add("i-b");
  world.notices.set("i-b", [{ kind: "maintenance", at: "2026-01-14T00:00:00.000Z", what: "system-reboot" }]);
  await look();
  expect(replacements.drains().has("i-b")).toBe(true);
  expect(events[0]?.text).toBe(
    "EC2 announces maintenance of i-b: system-reboot, at 2026-01-14T00:00:00.000Z",
  );
  world.notices.clear();
  await look();
  expect(replacements.drains().has("i-b")).toBe(false);
  expect(calls).toEqual([]);
});

test("a fleet whose nodes fail one after the other is protected, once, across a change of head", async () => {
  const at = "2026-01-01T00:00:00.000Z";
  const replacements = ["i-1", "i-2", "i-3"].map((nodeId) => ({
    ...{ nodeId, at, reasonCode: "node-never-ready" as const },
  }));
  const { world, calls, events, look } = term({ replacements });
  world.nodes = [a, silentB];
  await look();
  await look(15);
  await look(1);
  expect(calls).toEqual(["note 3: i-1,i-2,i-3 2026-01-01T00:15:00.000Z"]);
  expect(events.map(({ code }) => code)).toEqual(["fleet-protected"]);
  world.nodes = [a, b];
  await look();
  expect(world.meta.protectedSince).toBeNull();
});

describe("a place where every node is bad", () => {
  /** Auto Scaling starts each on the machine of the one before. Each is ready for a while first, or never. */
  function badPlace(nodes: number, { bootMinutes = 1, readyMinutes = 0 } = {}) {
    const scene = term({ desiredNodes: nodes });
    const good = Array.from({ length: nodes - 1 }, (_, n) =>
      nodeSummary(`i-${n}`, { address: `10.0.1.${n}` }),
    );
    let started = 0;
    const ends = () => scene.calls.filter((call) => call.startsWith("end "));
    async function startNext(): Promise<void> {
      started += 1;
      const next = nodeSummary(`i-bad-${started}`, { address: "10.0.0.2" });
      scene.world.nodes = [...good, next];
      for (let minute = 0; minute < readyMinutes; minute += 1) await scene.look(1);
      scene.world.nodes = [...good, { ...next, state: "unready", failingProbes: ["mpi"] }];
    }
    async function pass(minutes: number): Promise<void> {
      if (started === 0) await startNext();
      for (let minute = 0; minute < minutes; minute += 1) {
        const before = ends().length;
        await scene.look(1);
        if (ends().length === before) continue;
        scene.world.nodes = good;
        await scene.look(bootMinutes);
        await startNext();
      }
    }
    return { ...scene, ends, pass };
  }

  test.each([
    ["of two nodes", 2, {}],
    ["of two nodes that are slow to start", 2, { bootMinutes: 10 }],
    ["of forty nodes", 40, {}],
    ["of forty nodes, where each is ready until a job uses it", 40, { readyMinutes: 30 }],
  ])("in a cluster %s gets three, and then none for days, with one event", async (_name, nodes, times) => {
    const { world, events, ends, pass } = badPlace(nodes, times);
    await pass(2 * 24 * 60);
    expect(ends()).toEqual(["end i-bad-1 true", "end i-bad-2 true", "end i-bad-3 true"]);
    expect(events.filter(({ code }) => code === "fleet-protected")).toHaveLength(1);
    expect(world.meta.protectedSince).not.toBeNull();
  });

  test("gets three more with a repair", async () => {
    const { world, ends, pass } = badPlace(40);
    await pass(120);
    expect(ends()).toHaveLength(3);
    world.meta = { ...world.meta, protectedSince: null, replacements: [] };
    await pass(120);
    expect(ends()).toHaveLength(6);
  });

  test("is none where the nodes last for more than an hour", async () => {
    const { world, ends, pass } = badPlace(40, { readyMinutes: 90 });
    await pass(200);
    expect(ends().length).toBeGreaterThan(5);
    expect(world.meta.protectedSince ?? null).toBeNull();
  });

  test("is none where many nodes fail at once, and those after them do not", async () => {
    const { world, calls, look } = term({ desiredNodes: 40 });
    const some = (kind: string, count: number) =>
      Array.from({ length: count }, (_, n) => nodeSummary(`i-${kind}-${n}`, { address: `10.0.1.${n}` }));
    const bad = some("bad", 9).map(
      (one): NodeSummary => ({ ...one, state: "unready", failingProbes: ["mpi"] }),
    );
    world.nodes = [...some("good", 31), ...bad];
    for (let minute = 0; minute < 40; minute += 1) await look(1);
    expect(calls.filter((call) => call.startsWith("end "))).toHaveLength(9);
    expect(world.meta.protectedSince ?? null).toBeNull();
  });
});
