import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createLeftovers, type Leftovers } from "../../../../agent/launcher/leftovers.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../../support/agent/launcher.js";
import { manualClock } from "../../../support/manual-clock.js";

let leftovers: Leftovers | null = null;
let wakeUp = (): void => {};
afterEach(async () => {
  const stopping = leftovers?.stop();
  wakeUp();
  await stopping;
  leftovers = null;
});

/** A node with one launch, whose mpiexec's agent answers `answer`. */
function node(launch: { isHeld: boolean } | null) {
  const clock = manualClock();
  const world = {
    launch,
    answer: null as boolean | null | Error,
    asked: [] as string[],
    ended: [] as string[],
    changes: 0,
  };
  const mine = createLeftovers({
    launches: {
      running: () => (world.launch === null ? [] : [{ id: LAUNCH_ID, argv: PROXY_ARGV, ...world.launch }]),
      async end(id) {
        world.ended.push(id);
        world.launch = null;
      },
    },
    async ask(address) {
      world.asked.push(address);
      if (world.answer instanceof Error) throw world.answer;
      return world.answer;
    },
    clock,
    onChange: () => {
      world.changes += 1;
    },
    log: pino({ level: "silent" }),
  });
  leftovers = mine;
  wakeUp = () => clock.advance(10_000);
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  /** Lets it look once more. */
  async function look(): Promise<void> {
    await settle();
    clock.advance(1_000);
    await settle();
  }
  return { world, leftovers: mine, look };
}

describe("a node", () => {
  test("that runs nothing, or what is waited for, is clean and asks nobody", async () => {
    for (const launch of [null, { isHeld: true }]) {
      const { world, leftovers, look } = node(launch);
      leftovers.start();
      await look();
      expect(leftovers.failing()).toEqual([]);
      expect(world).toMatchObject({ asked: [], changes: 0 });
      await Promise.all([leftovers.stop(), look()]);
    }
  });

  test("that was cut off is not clean from that moment on, until what it runs is known to be waited for", async () => {
    const { world, leftovers, look } = node({ isHeld: true });
    leftovers.start();
    await look();
    leftovers.doubt();
    expect(leftovers.failing()).toEqual(["leftovers"]);
    await look();
    expect(leftovers.failing()).toEqual(["leftovers"]);
    world.answer = true;
    await look();
    expect(leftovers.failing()).toEqual([]);
    expect(world).toMatchObject({ ended: [], changes: 2 });
    expect(new Set(world.asked)).toEqual(new Set(["10.0.0.1"]));
  });

  test("ends what no mpiexec waits for any more, and is clean then", async () => {
    const { world, leftovers, look } = node({ isHeld: true });
    leftovers.start();
    await look();
    leftovers.doubt();
    world.answer = false;
    await look();
    expect(world.ended).toEqual([LAUNCH_ID]);
    expect(leftovers.failing()).toEqual([]);
  });

  test("is not clean while nothing holds what it runs, as after a restart of an agent", async () => {
    const { world, leftovers, look } = node({ isHeld: false });
    leftovers.start();
    await look();
    expect(leftovers.failing()).toEqual(["leftovers"]);
    world.launch = { isHeld: true };
    await look();
    expect(leftovers.failing()).toEqual([]);
    expect(world.ended).toEqual([]);
  });

  test("ends nothing while the agent of its mpiexec does not answer", async () => {
    const { world, leftovers, look } = node({ isHeld: false });
    world.answer = new Error("connect ETIMEDOUT");
    leftovers.start();
    await look();
    await look();
    expect(world.ended).toEqual([]);
    expect(leftovers.failing()).toEqual(["leftovers"]);
  });
});
