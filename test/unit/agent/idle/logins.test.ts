import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createLoginWatch } from "../../../../agent/idle/logins.js";
import { manualClock } from "../../../support/manual-clock.js";

describe("what a node reports of them", () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  function watched() {
    const clock = manualClock();
    const world = { logins: 0, isBroken: false };
    const watch = createLoginWatch({
      async count() {
        if (world.isBroken) throw new Error("no /proc");
        return world.logins;
      },
      clock,
      log: pino({ level: "silent" }),
    });
    const pass = async (ms: number) => {
      clock.advance(ms);
      await settle();
    };
    return { world, watch, pass };
  }

  test("is unknown before the first count", () => {
    expect(watched().watch.report()).toEqual({ source: "ssh", count: null, idleSeconds: null });
  });

  test("is the count, and for how long there was none", async () => {
    const { world, watch, pass } = watched();
    world.logins = 2;
    watch.start();
    await pass(0);
    expect(watch.report()).toEqual({ source: "ssh", count: 2, idleSeconds: 0 });
    world.logins = 0;
    for (let look = 0; look < 4; look++) await pass(5_000);
    expect(watch.report()).toEqual({ source: "ssh", count: 0, idleSeconds: 20 });
    await Promise.all([watch.stop(), pass(5_000)]);
  });

  test("is unknown again when the count fails for long", async () => {
    const { world, watch, pass } = watched();
    watch.start();
    await pass(0);
    world.isBroken = true;
    for (let look = 0; look < 8; look++) await pass(5_000);
    expect(watch.report()).toMatchObject({ count: null });
    await Promise.all([watch.stop(), pass(5_000)]);
  });
});
