import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createNodeMarks, type NodeMarks } from "../../../../agent/head/node-marks.js";
import { manualClock } from "../../../support/manual-clock.js";

const NODE = { id: "i-b", address: "10.0.0.2", cores: 2 };
let marks: NodeMarks | null = null;
afterEach(() => marks?.stop());

function setUp() {
  const clock = manualClock();
  const world = { bad: ["10.0.0.2"] as string[], failure: null as Error | null };
  const looks: number[] = [];
  const healed: string[] = [];
  marks = createNodeMarks({
    async recheck(nodes) {
      looks.push(clock.monotonicMs());
      if (world.failure !== null) throw world.failure;
      return world.bad.filter((address) => nodes.some((node) => node.address === address));
    },
    onHealed: (id) => void healed.push(id),
    clock,
    log: pino({ level: "silent" }),
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number) => {
    await settle();
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await settle();
    }
  };
  return { marks, world, looks, healed, pass };
}

describe("a node that failed a preflight", () => {
  test("is in order again once a look says so, and nothing is looked at any more", async () => {
    const { marks, world, looks, healed, pass } = setUp();
    marks.mark(NODE);
    expect(marks.has("i-b")).toBe(true);
    await pass(4_500);
    expect(looks).toEqual([]);
    world.bad = [];
    await pass(1_000);
    expect(healed).toEqual(["i-b"]);
    expect(marks.has("i-b")).toBe(false);
    await pass(120_000);
    expect(looks).toHaveLength(1);
  });

  test("that stays bad is looked at ever more seldom, but at least each minute", async () => {
    const { marks, looks, healed, pass } = setUp();
    marks.mark(NODE);
    await pass(300_000);
    const pauses = looks.map((atMs, index) => atMs - (looks[index - 1] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    expect(healed).toEqual([]);
  });

  test("is looked at again where a look fails by itself", async () => {
    const { marks, world, healed, pass } = setUp();
    marks.mark(NODE);
    world.failure = new Error("EIO");
    await pass(15_000);
    expect(marks.has("i-b")).toBe(true);
    Object.assign(world, { failure: null, bad: [] });
    await pass(6_000);
    expect(healed).toEqual(["i-b"]);
  });

  test("is forgotten with the node", async () => {
    const { marks, looks, pass } = setUp();
    marks.mark(NODE);
    marks.keepOnly(new Set(["i-a"]));
    expect(marks.has("i-b")).toBe(false);
    await pass(60_000);
    expect(looks).toEqual([]);
  });

  test("does not keep the looks of others waiting for it", async () => {
    const { marks, world, healed, pass } = setUp();
    marks.mark(NODE);
    await pass(40_000);
    marks.mark({ id: "i-c", address: "10.0.0.3", cores: 2 });
    await pass(5_500);
    expect(healed).toEqual(["i-c"]);
    world.bad = [];
    await pass(60_000);
    expect(healed).toEqual(["i-c", "i-b"]);
  });
});
