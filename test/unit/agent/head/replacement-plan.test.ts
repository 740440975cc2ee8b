import { describe, expect, test } from "@jest/globals";
import type { NodeDrain } from "../../../../agent/contract/node-drain.js";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import {
  isDue,
  planReplacements,
  type ReplacementStep,
  type ReplacementView,
  type WatchedNode,
} from "../../../../agent/head/replacement-plan.js";

const NOW = new Date("2026-01-01T12:00:00Z");
const NOW_MS = 10_000_000;
const MINUTE_MS = 60_000;
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString();

const node = (id: string, change: Partial<WatchedNode> = {}): WatchedNode => ({
  ...{ id, failingProbes: [], failingSinceMs: null, wasReady: true, falls: 0, notices: [], drain: null },
  ...{ failedBefore: 0, holdsWork: false, mayHandOver: false, isSelf: false, isLost: false },
  ...change,
});
const failing = (
  id: string,
  probe: string,
  minutes: number,
  change: Partial<WatchedNode> = {},
): WatchedNode =>
  node(id, { failingProbes: [probe], failingSinceMs: NOW_MS - minutes * MINUTE_MS, ...change });
const drain = (change: Partial<NodeDrain> = {}): NodeDrain => ({
  ...{
    reasonCode: "node-unready-too-long",
    reason: "why",
    since: inSeconds(-60),
    deadline: null,
    endedAt: null,
  },
  ...change,
});
const replaced = (nodeId: string, minutesAgo: number) =>
  ({ nodeId, at: inSeconds(-60 * minutesAgo), reasonCode: "node-silent-too-long" }) as const;
const spot = (at: string | null): NodeNotice => ({ kind: "spot-interruption", at, what: "terminate" });
const maintenance = (at: string): NodeNotice => ({ kind: "maintenance", at, what: "system-reboot" });
const HINT: NodeNotice = { kind: "rebalance", at: null, what: "rebalance" };

/** Of a cluster of four nodes that wants four; those that fail nothing and don't drain are usable. */
function plan(
  nodes: readonly WatchedNode[],
  change: Partial<ReplacementView> = {},
): readonly ReplacementStep[] {
  const others = Array.from({ length: Math.max(0, 4 - nodes.length) }, (_, n) => node(`i-other-${n}`));
  const all = [...nodes, ...others];
  return planReplacements({
    nodes: all,
    desiredNodes: 4,
    usableNodes: all.filter((each) => each.failingProbes.length === 0 && each.drain === null).length,
    keepsNodes: true,
    surplus: new Set(),
    replacements: [],
    protectedSince: null,
    limits: { afterMs: 5 * MINUTE_MS, bootMs: 15 * MINUTE_MS, perHour: null },
    nowMs: NOW_MS,
    now: NOW,
    ...change,
  });
}
const said = (steps: readonly ReplacementStep[]): string[] =>
  steps.map((step) => {
    if (step.type === "drain") return `drain ${step.id} ${step.drain.reasonCode}`;
    if (step.type === "end" && !step.isReplaced) return `end ${step.id} without another`;
    if (step.type === "end") return `end ${step.id}${step.counts ? "" : ", announced"}`;
    return step.type === "return" ? `return ${step.id}` : step.type;
  });

describe("a failing node", () => {
  test.each<[string, WatchedNode, string[]]>([
    ["in order stays", node("i-a"), []],
    ["unready for less than its time stays", failing("i-a", "mpi", 4.9), []],
    ["unready for its time is drained", failing("i-a", "mpi", 5), ["drain i-a node-unready-too-long"]],
    [
      "set aside by preflights for its time too",
      failing("i-a", "preflight", 5),
      ["drain i-a node-unready-too-long"],
    ],
    ["silent for its time is drained", failing("i-a", "heartbeat", 5), ["drain i-a node-silent-too-long"]],
    ["not ready yet may take longer: it boots", failing("i-a", "shared", 14.9, { wasReady: false }), []],
    [
      "not ready in the time for a boot is drained",
      failing("i-a", "shared", 15, { wasReady: false }),
      ["drain i-a node-never-ready"],
    ],
    [
      "that falls again and again is drained",
      node("i-a", { falls: 6, failingProbes: ["mpi"] }),
      ["drain i-a node-flapping"],
    ],
    ["that has fallen less often stays", node("i-a", { falls: 5, failingProbes: ["mpi"] }), []],
  ])("%s", (_name, given, expected) => {
    expect(said(plan([given]))).toEqual(expected);
  });

  test.each<[string, Partial<ReplacementView>]>([
    ["where enough others are usable: it has been replaced already", { usableNodes: 4 }],
    ["of a cluster that is parked, resized downwards or removed", { keepsNodes: false }],
    [
      "where nothing is to be replaced",
      { limits: { afterMs: 5 * MINUTE_MS, bootMs: 15 * MINUTE_MS, perHour: 0 } },
    ],
    ["of a protected fleet", { protectedSince: inSeconds(-600) }],
  ])("stays %s", (_name, change) => {
    expect(said(plan([failing("i-a", "mpi", 60)], change))).toEqual([]);
  });

  test("that is lost and has been replaced already stays as it is, though another one drains or boots", () => {
    const others = [node("i-b"), node("i-c"), failing("i-d", "shared", 1, { wasReady: false })];
    const draining = node("i-e", {
      drain: drain({ reasonCode: "node-spot-interrupted" }),
      notices: [spot(null)],
      holdsWork: true,
    });
    expect(plan([failing("i-a", "heartbeat", 9), ...others, draining])).toEqual([]);
  });

  test.each(["shared", "records", "registry"])(
    "that fails the probe %s is replaced where another passes it: if none does, the service fails, and not the node",
    (probe) => {
      const ids = ["i-a", "i-b", "i-c", "i-d"];
      expect(plan(ids.map((id) => failing(id, probe, 60)))).toEqual([]);
      expect(
        plan(
          [failing("i-a", probe, 60), failing("i-b", probe, 60), failing("i-c", "heartbeat", 1)].concat(
            failing("i-d", probe, 9),
          ),
        ),
      ).toEqual([]);
      expect(said(plan([failing("i-a", probe, 60)]))).toEqual(["drain i-a node-unready-too-long"]);
    },
  );

  test("that is in order again before it was ended returns; one that flaps does not", () => {
    expect(said(plan([node("i-a", { drain: drain() })]))).toEqual(["return i-a"]);
    const flapping = drain({ reasonCode: "node-flapping" });
    expect(said(plan([node("i-a", { drain: flapping })]))).toEqual(["end i-a"]);
  });
});

describe("what EC2 announces", () => {
  test.each<[string, NodeNotice[], string[]]>([
    ["an interruption drains at once", [spot(inSeconds(120))], ["drain i-a node-spot-interrupted"]],
    ["an interruption of unknown time too", [spot(null)], ["drain i-a node-spot-interrupted"]],
    ["maintenance in two weeks too", [maintenance(inSeconds(1_209_600))], ["drain i-a node-maintenance-due"]],
    ["a hint changes nothing: most come to nothing", [HINT], []],
    [
      "a hint before an interruption neither",
      [HINT, spot(inSeconds(120))],
      ["drain i-a node-spot-interrupted"],
    ],
  ])("%s", (_name, notices, expected) => {
    expect(said(plan([node("i-a", { notices })]))).toEqual(expected);
  });

  test.each<[string, NodeNotice, string]>([
    ["an interruption", spot(null), "EC2 takes the spot instance (terminate)"],
    [
      "an interruption with its time",
      spot("2026-01-01T12:02:00.000Z"),
      "EC2 takes the spot instance (terminate), at 2026-01-01T12:02:00.000Z",
    ],
    [
      "maintenance",
      maintenance("2026-01-15T12:00:00.000Z"),
      "EC2 has scheduled system-reboot, at 2026-01-15T12:00:00.000Z",
    ],
  ])("is the drain's reason, and its time the deadline: %s", (_name, notice, reason) => {
    expect(plan([node("i-a", { notices: [notice] })])).toMatchObject([
      { type: "drain", drain: { reason, deadline: notice.at } },
    ]);
  });

  test.each([
    [30.001, false],
    [30, true],
    [-1, true],
  ])(
    "leaves what is on the node until half a minute before: %d s before, its time is up: %j",
    (seconds, expected) => {
      expect(isDue({ deadline: inSeconds(seconds) }, NOW)).toBe(expected);
    },
  );

  test("without a time is never due", () => expect(isDue({ deadline: null }, NOW)).toBe(false));

  test("is done even in a protected fleet, and an interruption is no failure", () => {
    const notices = [spot(inSeconds(120))];
    const protectedFleet = { protectedSince: inSeconds(-600), usableNodes: 3 };
    expect(said(plan([node("i-a", { notices })], protectedFleet))).toEqual([
      "drain i-a node-spot-interrupted",
    ]);
  });

  test("and takes back lets the node return", () => {
    const taken = drain({ reasonCode: "node-maintenance-due", deadline: inSeconds(3_600) });
    expect(said(plan([node("i-a", { drain: taken, holdsWork: true })]))).toEqual(["return i-a"]);
    expect(said(plan([node("i-a", { drain: taken, notices: [HINT] })]))).toEqual(["return i-a"]);
  });
});

describe("a node that drains", () => {
  const announced = (at: string, change: Partial<WatchedNode> = {}) =>
    node("i-a", {
      notices: [maintenance(at)],
      drain: drain({ reasonCode: "node-maintenance-due", deadline: at }),
      ...change,
    });
  test.each<[string, WatchedNode, string[]]>([
    ["and holds no work ends", announced(inSeconds(3_600)), ["end i-a, announced"]],
    ["and holds work waits for its end", announced(inSeconds(3_600), { holdsWork: true }), []],
    [
      "and holds work does so when its time is up too: the attempt ends first",
      announced(inSeconds(-1), { holdsWork: true }),
      [],
    ],
    ["and is the head hands over first", announced(inSeconds(3_600), { mayHandOver: true }), []],
    [
      "and is the head hands over when its time is up, too",
      announced(inSeconds(20), { mayHandOver: true }),
      [],
    ],
    [
      "and is a head that can't hand over in time ends, a quarter of a minute before",
      announced(inSeconds(15), { mayHandOver: true }),
      ["end i-a, announced"],
    ],
    ["and is a head hands over until then", announced(inSeconds(15.001), { mayHandOver: true }), []],
    [
      "and has been ended is not ended again",
      announced(inSeconds(3_600), { drain: drain({ endedAt: inSeconds(-5) }) }),
      [],
    ],
    [
      "and fails with a job on it waits for the job",
      failing("i-a", "preflight", 9, { drain: drain(), holdsWork: true }),
      [],
    ],
    [
      "and is silent holds no work any more",
      failing("i-a", "heartbeat", 9, { drain: drain(), holdsWork: true }),
      ["end i-a"],
    ],
  ])("%s", (_name, given, expected) => {
    expect(said(plan([given]))).toEqual(expected);
  });

  test("stays while the cluster does not keep its nodes: what parks or shrinks it ends them", () => {
    expect(plan([announced(inSeconds(3_600))], { keepsNodes: false })).toEqual([]);
  });
});

describe("nodes that fail one after the other", () => {
  const three = [replaced("i-1", 50), replaced("i-2", 30), replaced("i-3", 10)];
  test("are not replaced for ever: the fleet is protected, with the reason", () => {
    const [step] = plan([failing("i-a", "mpi", 5)], { replacements: three });
    expect(step).toEqual({
      type: "protect",
      reason: "3 failing nodes were replaced within an hour, and i-a fails too: unready for 300 s (mpi)",
    });
  });

  test("count for an hour", () => {
    const old = [replaced("i-1", 60), replaced("i-2", 30), replaced("i-3", 10)];
    expect(said(plan([failing("i-a", "mpi", 5)], { replacements: old }))).toEqual([
      "drain i-a node-unready-too-long",
    ]);
  });

  test("do not count beside those that EC2 takes, nor those that are too many, nor those that have ended", () => {
    const others = [
      drain({ reasonCode: "node-spot-interrupted" }),
      drain({ reasonCode: "node-surplus" }),
      drain({ endedAt: inSeconds(-5) }),
    ].map((is, n) =>
      node(`i-drained-${n}`, { drain: is, notices: n === 0 ? [spot(null)] : [], holdsWork: true }),
    );
    const one = { limits: { afterMs: 5 * MINUTE_MS, bootMs: 15 * MINUTE_MS, perHour: 1 } };
    const view = { ...one, surplus: new Set(["i-drained-1"]), usableNodes: 0 };
    expect(said(plan([failing("i-a", "mpi", 5), ...others], view))).toEqual([
      "drain i-a node-unready-too-long",
    ]);
  });

  test("count from their drain on, and no more are drained than are allowed", () => {
    const ids = ["i-a", "i-b", "i-c", "i-d"];
    const all = ids.map((id) => failing(id, "mpi", 5));
    expect(said(plan(all))).toEqual(ids.slice(0, 3).map((id) => `drain ${id} node-unready-too-long`));
    const begun = failing("i-a", "mpi", 5, { drain: drain(), holdsWork: true });
    expect(said(plan([begun, failing("i-b", "mpi", 5)], { replacements: three.slice(1) }))).toEqual([]);
  });

  test.each([
    [4, null, 3],
    [40, null, 10],
    [40, 2, 2],
  ])("are %i nodes with the limit %s: %i go", (count, perHour, expected) => {
    const all = Array.from({ length: count }, (_, n) => failing(`i-${n}`, "mpi", 5));
    const limits = { afterMs: 5 * MINUTE_MS, bootMs: 15 * MINUTE_MS, perHour };
    expect(plan(all, { desiredNodes: count, limits })).toHaveLength(expected);
  });

  test("one in the place of the other are not replaced for ever either, however many nodes there are", () => {
    const others = Array.from({ length: 39 }, (_, n) => node(`i-other-${n}`));
    const in40 = (failedBefore: number) =>
      plan([failing("i-a", "mpi", 15, { failedBefore, wasReady: false }), ...others], { desiredNodes: 40 });
    expect(said(in40(2))).toEqual(["drain i-a node-never-ready"]);
    expect(in40(3)).toEqual([
      {
        type: "protect",
        reason:
          "3 nodes failed, each in the place of the one before, and i-a fails too: not ready 900 s after it came (mpi)",
      },
    ]);
  });

  test("end to be protected when all that are wanted are usable", () => {
    expect(said(plan([], { protectedSince: inSeconds(-60) }))).toEqual(["unprotect"]);
    expect(said(plan([failing("i-a", "mpi", 1)], { protectedSince: inSeconds(-60) }))).toEqual([]);
  });
});

describe("a cluster that shrinks", () => {
  test.each([
    [1, "only 1 node is wanted"],
    [2, "only 2 nodes are wanted"],
  ])("to %i says so", (desiredNodes, reason) => {
    const [step] = plan([node("i-a")], { surplus: new Set(["i-a"]), desiredNodes });
    expect(step).toMatchObject({ type: "drain", drain: { reason } });
  });

  const surplus = new Set(["i-a"]);
  const chosen = drain({ reasonCode: "node-surplus" });
  const shrinks = { surplus, desiredNodes: 3 };

  test.each<[string, WatchedNode, string[]]>([
    ["in order is drained", node("i-a"), ["drain i-a node-surplus"]],
    ["with work on it is drained, and waits", node("i-a", { holdsWork: true }), ["drain i-a node-surplus"]],
    [
      "drained, with work on it, waits for the job's end",
      node("i-a", { drain: chosen, holdsWork: true }),
      [],
    ],
    ["drained, without work, ends", node("i-a", { drain: chosen }), ["end i-a without another"]],
    [
      "not heard by a new head yet, which does not know of work on it, waits",
      failing("i-a", "heartbeat", 0.2, { drain: chosen, holdsWork: true }),
      [],
    ],
    [
      "lost for long ends, for no job is on it any more",
      failing("i-a", "heartbeat", 2, { drain: chosen, holdsWork: true, isLost: true }),
      ["end i-a without another"],
    ],
    [
      "failing for its time goes as one too many, and does not count as one that failed",
      failing("i-a", "mpi", 60),
      ["drain i-a node-surplus"],
    ],
    [
      "drained as it fails ends without another one in its place",
      failing("i-a", "mpi", 6, { drain: drain() }),
      ["end i-a without another"],
    ],
    [
      "that EC2 takes is drained for that, with its deadline",
      node("i-a", { drain: chosen, notices: [spot(inSeconds(120))], holdsWork: true }),
      ["drain i-a node-spot-interrupted"],
    ],
    ["ended already is not ended again", node("i-a", { drain: { ...chosen, endedAt: inSeconds(-1) } }), []],
  ])("a node too many, %s", (_name, given, expected) => {
    expect(said(plan([given], shrinks))).toEqual(expected);
  });

  test("and is to grow again keeps the node that was to go", () => {
    expect(said(plan([node("i-a", { drain: chosen, holdsWork: true })]))).toEqual(["return i-a"]);
  });

  test("and whose resize has failed ends none", () => {
    const given = [node("i-a", { drain: chosen })];
    expect(said(plan(given, { keepsNodes: false }))).toEqual(["return i-a"]);
  });

  test("still gets another node for one that fails and is to stay", () => {
    const nodes = [node("i-a", { drain: chosen, holdsWork: true }), failing("i-b", "mpi", 6), node("i-c")];
    expect(said(plan(nodes, { ...shrinks, usableNodes: 2 }))).toEqual(["drain i-b node-unready-too-long"]);
  });
});
