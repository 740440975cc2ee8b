import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createReadiness, type ReadinessProbe } from "../../../../agent/probes/readiness.js";
import { manualClock } from "../../../support/manual-clock.js";

const log = pino({ level: "silent" });
const probe = (
  name: string,
  check: ReadinessProbe["check"],
  overrides: Partial<ReadinessProbe> = {},
): ReadinessProbe => ({
  name,
  timeoutMs: 1_000,
  intervalMs: 10_000,
  check,
  ...overrides,
});
const passes = async () => {};
const fails = async () => {
  throw new Error("broken");
};
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe("readiness", () => {
  test("names what fails, in the order of the list; nothing passes before it was run", async () => {
    const probes = [probe("b", fails), probe("a", passes), probe("c", fails)];
    const readiness = createReadiness(probes, manualClock(), log, () => {});
    expect(readiness.failing()).toEqual(["b", "a", "c"]);
    await readiness.start();
    expect(readiness.failing()).toEqual(["b", "c"]);
    readiness.stop();
  });

  test("looks again soon after a failure, at the interval after a pass, and tells of each change once", async () => {
    const clock = manualClock();
    let isBroken = true;
    let looks = 0;
    let changes = 0;
    const check = async () => {
      looks += 1;
      if (isBroken) throw new Error("broken");
    };
    const readiness = createReadiness([probe("a", check)], clock, log, () => {
      changes += 1;
    });
    await readiness.start();
    const pass = async (ms: number) => {
      await soon();
      clock.advance(ms);
      await soon();
    };
    await pass(1_000);
    expect([looks, changes]).toEqual([2, 1]);
    isBroken = false;
    await pass(1_000);
    expect([looks, changes, readiness.failing()]).toEqual([3, 2, []]);
    await pass(9_999);
    expect(looks).toBe(3);
    await pass(1);
    expect([looks, changes]).toEqual([4, 2]);
    readiness.stop();
    await pass(60_000);
    expect(looks).toBe(4);
  });

  test("a probe that needs to pass once only is not run again", async () => {
    const clock = manualClock();
    let looks = 0;
    const check = async () => {
      looks += 1;
    };
    const readiness = createReadiness([probe("a", check, { intervalMs: null })], clock, log, () => {});
    await readiness.start();
    clock.advance(1e9);
    await soon();
    expect(looks).toBe(1);
  });

  test("a check that hangs fails after its timeout, and is not started a second time", async () => {
    let looks = 0;
    const hangs = () => {
      looks += 1;
      return new Promise<void>(() => {});
    };
    const clock = manualClock();
    const readiness = createReadiness(
      [probe("a", hangs, { timeoutMs: 50 }), probe("b", passes)],
      clock,
      log,
      () => {},
    );
    const started = readiness.start();
    clock.advance(50);
    await started;
    expect(readiness.failing()).toEqual(["a"]);
    await soon();
    clock.advance(60_000);
    await soon();
    expect(looks).toBe(1);
    readiness.stop();
  });
});
