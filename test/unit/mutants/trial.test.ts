import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Change, changesIn } from "../../mutants/changes.js";
import { readText } from "../../mutants/copy.js";
import { openKept } from "../../mutants/kept.js";
import type { Outcome } from "../../mutants/test-process.js";
import { nothingKnown, tryChange } from "../../mutants/trial.js";

const [change, another] = changesIn("a.ts", "!a; !b") as [Change, Change];
const one = { number: 1, change };
const two = { number: 2, change: another };

/** Tests by name with what comes of them while the change is made, and without it; and which changes they reach. */
function bench(
  changed: Readonly<Record<string, Outcome>>,
  unchanged: Outcome | readonly Outcome[] = "passed",
  reaches: Readonly<Record<string, readonly number[]>> = {},
) {
  const without = [unchanged].flat();
  const ran: string[] = [];
  const known = nothingKnown(() => Object.keys(changed));
  return {
    ...{ ran, known },
    tests: {
      async run(file: string, made: number | null) {
        const isChanged = made !== null;
        ran.push(isChanged ? file : `${file} unchanged`);
        const outcome = isChanged ? changed[file] : without.length > 1 ? without.shift() : without[0];
        return { outcome: outcome ?? "passed", reached: new Set(reaches[file] ?? [1, 2]) };
      },
    },
  };
}

describe("a change", () => {
  test("is noticed by the first test that fails, which passes without it; no other is run", async () => {
    const { ran, known, tests } = bench({ one: "passed", two: "failed", three: "failed" });
    expect(await tryChange(one, tests, known)).toEqual({ isNoticed: true, by: "two", isHang: false });
    expect(ran).toEqual(["one", "two", "two unchanged"]);
  });

  test("is tried first by the test that noticed the last one of its file, without proof again", async () => {
    const { ran, known, tests } = bench({ one: "passed", two: "failed" });
    await tryChange(one, tests, known);
    ran.length = 0;
    await tryChange(two, tests, known);
    expect(ran).toEqual(["two"]);
  });

  test("is not tried by a test that passed without reaching it", async () => {
    const { ran, known, tests } = bench({ none: "passed", second: "passed" }, "passed", {
      none: [],
      second: [2],
    });
    expect(await tryChange(one, tests, known)).toEqual({ isNoticed: false, isReached: false });
    expect(await tryChange(two, tests, known)).toEqual({ isNoticed: false, isReached: true });
    expect(ran).toEqual(["none", "second", "second"]);
  });

  test("is tried by a test of which nothing is known but that it passes with a change that it reaches", async () => {
    const { ran, known, tests } = bench({ first: "passed" }, "passed", { first: [1] });
    await tryChange(one, tests, known);
    await tryChange(two, tests, known);
    expect(ran).toEqual(["first", "first"]);
  });

  test("is tried first by the tests that are known to reach it", async () => {
    const { ran, known, tests } = bench({ near: "passed", far: "passed" }, "passed", { far: [2] });
    await tryChange(one, tests, known);
    ran.length = 0;
    await tryChange(two, tests, known);
    expect(ran).toEqual(["far", "near"]);
  });

  test("is alive where all tests pass", async () => {
    const { ran, known, tests } = bench({ one: "passed", two: "passed" });
    expect(await tryChange(one, tests, known)).toEqual({ isNoticed: false, isReached: true });
    expect(ran).toEqual(["one", "two"]);
  });

  test("is noticed where a test hangs, and that test is run without it each time", async () => {
    const { ran, known, tests } = bench({ one: "hangs" });
    for (let time = 0; time < 2; time += 1)
      expect(await tryChange(one, tests, known)).toEqual({ isNoticed: true, by: "one", isHang: true });
    expect(ran).toEqual(["one", "one unchanged", "one", "one unchanged"]);
  });

  test.each<[Outcome]>([["failed"], ["hangs"]])(
    "is not noticed by a test that %s without it too, which is left out from then on",
    async (outcome) => {
      const { ran, known, tests } = bench({ one: outcome, two: "passed" }, outcome);
      expect(await tryChange(one, tests, known)).toEqual({ isNoticed: false, isReached: true });
      await tryChange(one, tests, known);
      expect(ran).toEqual(["one", "one unchanged", "one unchanged", "two", "two"]);
      expect([...known.unfit]).toEqual(["one"]);
    },
  );
});

test("a test that fails without a change once, as on a busy machine, says nothing then, and is not left out", async () => {
  const { known, tests } = bench({ one: "failed" }, ["failed", "passed"]);
  expect(await tryChange(one, tests, known)).toEqual({ isNoticed: false, isReached: false });
  expect(await tryChange(two, tests, known)).toEqual({ isNoticed: true, by: "one", isHang: false });
  expect(known.unfit.size).toBe(0);
});

describe("a kept result", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "muster-kept-"));
    for (const name of ["a.ts", "by.test.ts", "other.test.ts"]) await writeFile(join(folder, name), name);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const textOf = (file: string) => readText(join(folder, file));
  const open = () => openKept(join(folder, "kept/results"), () => ["by.test.ts", "other.test.ts"]);
  const noticed = { isNoticed: true, by: "by.test.ts", isHang: false } as const;

  test("is found by the next run", async () => {
    expect(await (await open()).find(change, textOf)).toBeNull();
    await (await open()).add(change, noticed, textOf);
    expect(await (await open()).find(change, textOf)).toEqual(noticed);
  });

  test.each([
    ["noticed", "a.ts", true],
    ["noticed", "by.test.ts", true],
    ["noticed", "other.test.ts", false],
    ["alive", "a.ts", true],
    ["alive", "other.test.ts", true],
  ])("that a change is %s is forgotten once %s has another text: %s", async (state, file, isForgotten) => {
    const verdict = state === "noticed" ? noticed : ({ isNoticed: false, isReached: true } as const);
    await (await open()).add(change, verdict, textOf);
    await writeFile(join(folder, file), "other");
    expect(await (await open()).find(change, textOf)).toEqual(isForgotten ? null : verdict);
  });
});
