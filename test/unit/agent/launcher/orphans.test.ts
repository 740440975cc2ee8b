import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createOrphans, type Orphans } from "../../../../agent/launcher/orphans.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../../support/agent/launcher.js";
import { manualClock } from "../../../support/manual-clock.js";

let orphans: Orphans | null = null;
let wakeUp = (): void => {};
afterEach(async () => {
  const stopping = orphans?.stop();
  wakeUp();
  await stopping;
  orphans = null;
});

/** A node with one launch, whose mpiexec's agent answers `answer`. */
function node(launch: { isHeld: boolean } | null, argv: readonly string[] = PROXY_ARGV) {
  const clock = manualClock();
  const world = {
    launch,
    answer: "unknown" as boolean | "unknown" | "silent",
    asked: [] as string[],
    ended: [] as string[],
    changes: 0,
    begin: () => {},
    begins: 0,
  };
  const mine = createOrphans({
    launches: {
      running: () => (world.launch === null ? [] : [{ id: LAUNCH_ID, argv, ...world.launch }]),
      async end(id) {
        world.ended.push(id);
        world.launch = null;
      },
      onBegin(heard) {
        world.begin = heard;
      },
    },
    async ask(address) {
      world.asked.push(address);
      return world.answer;
    },
    clock,
    onChange: () => {
      world.changes += 1;
    },
    onRunning: () => {
      world.begins += 1;
    },
    log: pino({ level: "silent" }),
  });
  orphans = mine;
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
  /** Lets it look, with the time moved at once, as where the node has stood still. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await settle();
  }
  return { world, orphans: mine, look, pass, nowMs: () => clock.monotonicMs() };
}

describe("a node", () => {
  test("that runs nothing looks into a launch as soon as one begins", async () => {
    const { world, orphans: mine, look } = node(null);
    void mine.start();
    await look();
    expect([mine.isAnyRunning(), world.begins]).toEqual([false, 0]);
    world.launch = { isHeld: false };
    world.answer = false;
    world.begin();
    expect([mine.isAnyRunning(), world.begins]).toEqual([true, 1]);
    await look();
    expect([world.ended, mine.isAnyRunning()]).toEqual([[LAUNCH_ID], false]);
  });

  test("that runs nothing, or what is waited for, is clean and asks no node", async () => {
    for (const launch of [null, { isHeld: true }]) {
      const { world, orphans, look } = node(launch);
      orphans.start();
      await look();
      expect(orphans.failing()).toEqual([]);
      expect(world).toMatchObject({ asked: [], changes: 0 });
      await Promise.all([orphans.stop(), look()]);
    }
  });

  test("that was cut off is not clean from that moment on, until what it runs is known to be waited for", async () => {
    const { world, orphans, look } = node({ isHeld: true });
    orphans.start();
    await look();
    orphans.doubt();
    expect(orphans.failing()).toEqual(["orphans"]);
    for (let second = 0; second < 3; second += 1) await look();
    expect(orphans.failing()).toEqual(["orphans"]);
    expect(world.changes).toBe(1);
    world.answer = true;
    for (let second = 0; second < 3; second += 1) await look();
    expect(orphans.failing()).toEqual([]);
    expect(world).toMatchObject({ ended: [], changes: 2 });
    expect(new Set(world.asked)).toEqual(new Set(["10.0.0.1"]));
  });

  test("ends what no mpiexec waits for any more, and is clean then", async () => {
    const { world, orphans, look } = node({ isHeld: true });
    orphans.start();
    await look();
    orphans.doubt();
    world.answer = false;
    await look();
    expect(world.ended).toEqual([LAUNCH_ID]);
    expect(orphans.failing()).toEqual([]);
  });

  test("is not clean while nothing holds what it runs, as after a restart of an agent", async () => {
    const { world, orphans, look } = node({ isHeld: false });
    orphans.start();
    await look();
    expect(orphans.failing()).toEqual(["orphans"]);
    world.launch = { isHeld: true };
    await look();
    expect(orphans.failing()).toEqual([]);
    expect(world.ended).toEqual([]);
  });

  test("ends what is doubted within 5 s where the machine of its mpiexec gives no sign: that is lost, or this node is cut off", async () => {
    const { world, orphans, look } = node({ isHeld: true });
    orphans.start();
    await look();
    orphans.doubt();
    world.answer = "silent";
    for (let second = 0; second < 3; second += 1) await look();
    expect(world.ended).toEqual([]);
    for (let second = 0; second < 2; second += 1) await look();
    expect(world.ended).toEqual([LAUNCH_ID]);
    expect(orphans.failing()).toEqual([]);
  });

  test.each([
    ["the machine of its mpiexec has been silent for 4 s", "silent", 4_000],
    ["that machine's agent has not known for 30 s", "unknown", 30_000],
  ] as const)("ends it at the second question where %s, and no sooner", async (_name, answer, limitMs) => {
    for (const [passedMs, ended] of [
      [limitMs - 1, []],
      [limitMs, [LAUNCH_ID]],
    ] as const) {
      const { world, orphans, look, pass } = node({ isHeld: true });
      orphans.start();
      await look();
      world.answer = answer;
      orphans.doubt();
      await pass(0);
      await pass(passedMs);
      expect([passedMs, world.ended]).toEqual([passedMs, ended]);
      await Promise.all([orphans.stop(), look()]);
    }
  });

  test("ends what the silent head's mpiexec has started within 5 s of the head's last sign, and fails no probe meanwhile", async () => {
    const { world, orphans, look, nowMs } = node({ isHeld: true });
    orphans.start();
    await look();
    world.answer = "silent";
    const diedAtMs = nowMs();
    await look();
    await look();
    orphans.suspect("10.0.0.1", diedAtMs);
    await look();
    expect([world.ended, orphans.failing()]).toEqual([[], []]);
    orphans.suspect("10.0.0.1", diedAtMs);
    await look();
    expect([world.ended, nowMs() - diedAtMs]).toEqual([[LAUNCH_ID], 4_000]);
    expect(world.changes).toBe(0);
  });

  test("leaves alone what a slow head answers for, and what waits on another machine than the head", async () => {
    for (const [head, answer] of [
      ["10.0.0.1", true],
      ["10.0.0.1", "unknown"],
      ["10.0.0.8", "silent"],
    ] as const) {
      const { world, orphans, look, nowMs } = node({ isHeld: true });
      orphans.start();
      await look();
      world.answer = answer;
      const sinceMs = nowMs();
      for (let second = 0; second < 40; second += 1) {
        orphans.suspect(head, sinceMs);
        await look();
      }
      expect([world.ended, world.changes, world.asked.length > 0]).toEqual([[], 0, head === "10.0.0.1"]);
      await Promise.all([orphans.stop(), look()]);
    }
  });

  test("does not end for a silence that has been broken: a head that was silent once begins afresh", async () => {
    const { world, orphans, look, nowMs } = node({ isHeld: true });
    orphans.start();
    await look();
    world.answer = "silent";
    orphans.suspect("10.0.0.1", nowMs());
    await look();
    world.answer = true;
    await look();
    world.answer = "silent";
    for (let second = 0; second < 10; second += 1) await look();
    expect(world.ended).toEqual([]);
  });

  test("ends the ranks of a notebook's MPI kernel where the notebook's node is lost", async () => {
    const argv = PROXY_ARGV.map((word) => word.replace("10.0.0.1:", "10.0.0.9:"));
    const { world, orphans, look } = node({ isHeld: false }, argv);
    world.answer = "silent";
    orphans.start();
    for (let second = 0; second < 6; second += 1) await look();
    expect([world.ended, new Set(world.asked)]).toEqual([[LAUNCH_ID], new Set(["10.0.0.9"])]);
  });

  test("counts a machine's silence from its last sign, and not one question alone", async () => {
    const { world, orphans, look } = node({ isHeld: false });
    orphans.start();
    for (let second = 0; second < 20; second += 1) {
      world.answer = second % 4 === 3 ? "unknown" : "silent";
      await look();
    }
    expect(world.ended).toEqual([]);
    expect(orphans.failing()).toEqual(["orphans"]);
  });

  test("ends what is doubted for half a minute where only the agent of its mpiexec is missing", async () => {
    const { world, orphans, look } = node({ isHeld: true });
    orphans.start();
    await look();
    orphans.doubt();
    world.answer = "unknown";
    for (let second = 0; second < 29; second += 1) await look();
    expect(world.ended).toEqual([]);
    for (let second = 0; second < 3; second += 1) await look();
    expect(world.ended).toEqual([LAUNCH_ID]);
    expect(orphans.failing()).toEqual([]);
  });

  test("ends nothing while the agent of its mpiexec does not answer", async () => {
    const { world, orphans, look } = node({ isHeld: false });
    world.answer = "silent";
    orphans.start();
    await look();
    await look();
    expect(world.ended).toEqual([]);
    expect(orphans.failing()).toEqual(["orphans"]);
  });
});
