import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Change, changesIn } from "../../mutants/changes.js";
import { openKept } from "../../mutants/kept.js";
import type { Outcome } from "../../mutants/test-process.js";
import { type Knowledge, tryChange } from "../../mutants/trial.js";

const change = changesIn("a.ts", "!a")[0] as Change;

/** Tests by name with what comes of them while the change is made, and without it. */
function bench(changed: Readonly<Record<string, Outcome>>, unchanged: Outcome = "passed") {
  let isChanged = false;
  const ran: string[] = [];
  const known: Knowledge = {
    related: () => Object.keys(changed),
    proved: new Set(),
    noticedLast: new Map(),
    unfit: new Set(),
  };
  return {
    ...{ ran, known },
    tests: {
      async run(file: string): Promise<Outcome> {
        ran.push(isChanged ? file : `${file} unchanged`);
        return isChanged ? (changed[file] ?? "passed") : unchanged;
      },
    },
    copy: {
      async during<Result>(_change: Change, act: () => Promise<Result>): Promise<Result> {
        isChanged = true;
        try {
          return await act();
        } finally {
          isChanged = false;
        }
      },
    },
  };
}

describe("a change", () => {
  test("is noticed by the first test that fails, which passes without it; no other is run", async () => {
    const { ran, known, ...parts } = bench({ one: "passed", two: "failed", three: "failed" });
    expect(await tryChange(change, parts, known)).toEqual({ isNoticed: true, by: "two", isHang: false });
    expect(ran).toEqual(["one", "two", "two unchanged"]);
  });

  test("is tried first by the test that noticed the last one of its file, without proof again", async () => {
    const { ran, known, ...parts } = bench({ one: "passed", two: "failed" });
    await tryChange(change, parts, known);
    ran.length = 0;
    await tryChange(change, parts, known);
    expect(ran).toEqual(["two"]);
  });

  test("is alive where all tests pass", async () => {
    const { ran, known, ...parts } = bench({ one: "passed", two: "passed" });
    expect(await tryChange(change, parts, known)).toEqual({ isNoticed: false });
    expect(ran).toEqual(["one", "two"]);
  });

  test("is noticed where a test hangs, and that test is run without it each time", async () => {
    const { ran, known, ...parts } = bench({ one: "hangs" });
    for (let time = 0; time < 2; time += 1)
      expect(await tryChange(change, parts, known)).toEqual({ isNoticed: true, by: "one", isHang: true });
    expect(ran).toEqual(["one", "one unchanged", "one", "one unchanged"]);
  });

  test.each<[Outcome]>([["failed"], ["hangs"]])(
    "is not noticed by a test that %s without it too, which is left out from then on",
    async (outcome) => {
      const { ran, known, ...parts } = bench({ one: outcome, two: "passed" }, outcome);
      expect(await tryChange(change, parts, known)).toEqual({ isNoticed: false });
      await tryChange(change, parts, known);
      expect(ran).toEqual(["one", "one unchanged", "two", "two"]);
      expect([...known.unfit]).toEqual(["one"]);
    },
  );
});

describe("a kept result", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "muster-kept-"));
    for (const name of ["a.ts", "by.test.ts", "other.test.ts"]) await writeFile(join(folder, name), name);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = () => openKept(join(folder, "kept/results"), () => ["by.test.ts", "other.test.ts"]);
  const noticed = { isNoticed: true, by: "by.test.ts", isHang: false } as const;

  test("is found by the next run", async () => {
    expect(await (await open()).find(change, folder)).toBeNull();
    await (await open()).add(change, noticed, folder);
    expect(await (await open()).find(change, folder)).toEqual(noticed);
  });

  test.each([
    ["noticed", "a.ts", true],
    ["noticed", "by.test.ts", true],
    ["noticed", "other.test.ts", false],
    ["alive", "a.ts", true],
    ["alive", "other.test.ts", true],
  ])("that a change is %s is forgotten once %s has another text: %s", async (state, file, isForgotten) => {
    const verdict = state === "noticed" ? noticed : ({ isNoticed: false } as const);
    await (await open()).add(change, verdict, folder);
    await writeFile(join(folder, file), "other");
    expect(await (await open()).find(change, folder)).toEqual(isForgotten ? null : verdict);
  });
});
