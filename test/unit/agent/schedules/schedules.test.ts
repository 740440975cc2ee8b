import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createSchedules } from "../../../../agent/schedules/schedules.js";
import { cronTicks } from "../../../../agent/system/cron-ticks.js";
import { scheduled, scheduleWorld } from "../../../support/agent/schedule-world.js";
import { memorySchedules } from "../../../support/memory-schedules.js";

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe("a head's schedules", () => {
  /** On a clock of which only `now` moves, so that nothing but a tick, or a wake, makes it look. */
  function running() {
    const world = scheduleWorld("2026-06-01T00:00:00Z");
    world.definitions.set("nightly", scheduled({ cron: "* * * * *" }, "2026-06-01T00:00:00Z"));
    const ticks = { tick: () => {}, started: 0, ended: 0 };
    const pauses = { end: () => {} };
    const held = { generation: 1 as number | null };
    const registry = memorySchedules(world.table);
    const schedules = createSchedules({
      registry: {
        ...registry,
        cluster: async () => {
          if (world.isRegistryDown) throw new Error("the table is throttled");
          return registry.cluster();
        },
      },
      ticks: {
        start(tick) {
          ticks.tick = tick;
          ticks.started += 1;
          return () => {
            ticks.ended += 1;
          };
        },
        accepts: () => true,
      },
      generation: () => held.generation,
      wake: async () => null,
      onSubmitted: () => {},
      clock: {
        monotonicMs: () => world.nowMs,
        now: () => new Date(world.nowMs),
        sleep: (_ms, signal) =>
          new Promise((resolve) => {
            pauses.end = resolve;
            if (signal?.aborted) resolve();
            else signal?.addEventListener("abort", () => resolve());
          }),
      },
      log: pino({ level: "silent" }),
    });
    const settle = async () => {
      for (let round = 0; round < 20; round += 1) await soon();
    };
    return { world, ticks, pauses, held, schedules, settle };
  }

  test("look when a tick comes, go on after a failure, and end", async () => {
    const { world, ticks, schedules, settle } = running();
    schedules.start();
    await settle();
    world.advance(60);
    await settle();
    expect(world.slots()).toEqual([]);
    world.isRegistryDown = true;
    ticks.tick();
    await settle();
    expect(world.slots()).toEqual([]);
    world.isRegistryDown = false;
    ticks.tick();
    ticks.tick();
    await settle();
    expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    await schedules.stop();
    expect([ticks.started, ticks.ended]).toEqual([1, 1]);
    world.advance(60);
    ticks.tick();
    await settle();
    expect(world.slots()).toHaveLength(1);
  });

  test("tick only on a head, and only while a schedule has a slot to come", async () => {
    const { world, ticks, pauses, held, schedules, settle } = running();
    const lookAgain = async () => {
      world.advance(10);
      pauses.end();
      await settle();
      return [ticks.started, ticks.ended];
    };
    held.generation = null;
    schedules.start();
    await settle();
    expect(await lookAgain()).toEqual([0, 0]);
    held.generation = 1;
    expect(await lookAgain()).toEqual([1, 0]);
    expect(await lookAgain()).toEqual([1, 0]);
    world.definitions.delete("nightly");
    expect(await lookAgain()).toEqual([1, 1]);
    world.definitions.set("nightly", scheduled({ cron: "* * * * *" }, "2026-06-01T00:00:00Z"));
    expect(await lookAgain()).toEqual([2, 1]);
    held.generation = null;
    expect(await lookAgain()).toEqual([2, 2]);
    await schedules.stop();
    expect(ticks.ended).toBe(2);
  });
});

describe("node-cron's ticks", () => {
  test("come again and again, and end", async () => {
    let count = 0;
    let heard = () => {};
    const third = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const stop = cronTicks.start(() => {
      count += 1;
      if (count === 3) heard();
    });
    await third;
    stop();
    const seen = count;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(count).toBe(seen);
  });

  test("check an expression too", () => {
    expect(cronTicks.accepts("*/5 8-18 * * 1-5")).toBe(true);
    expect(cronTicks.accepts("0 0 31 2 *")).toBe(false);
    expect(cronTicks.accepts("every day")).toBe(false);
  });
});
