import { describe, expect, test } from "@jest/globals";
import { byTurns, median, percentile99 } from "../../bench/median.js";
import type { BenchPart, BenchSetting } from "../../bench/part.js";
import { partsOf } from "../../bench/parts.js";
import { rateIn, slowDownPercent } from "../../bench/reduce/windows.js";
import { runParts } from "../../bench/run.js";
import { FULL, SMALL } from "../../bench/sizes.js";

const said: string[] = [];
const setting: BenchSetting = {
  ...{ projectRoot: "/p", work: "/w", sizes: SMALL },
  ready: { env: {}, terraform: "t", awsProviderMirror: "m" },
  say: (line) => void said.push(line),
  clusterOf: () => Promise.reject(new Error("no cluster")),
};
const part = (name: string, measure: BenchPart["measure"]): BenchPart => ({
  name,
  needs: "anything",
  measure,
});

describe("a run of the benchmark", () => {
  test("has the rows of each part, and goes on after one that fails, which it names with its reason", async () => {
    const row = (what: string) => ({ what, unit: "s", ours: 1 }) as const;
    const { rows, parts, isSmall } = await runParts(
      [
        part("one", async () => [row("a"), row("b")]),
        part("two", ({ clusterOf }) => clusterOf(4).then(() => [])),
        part("three", async () => [row("c")]),
      ],
      setting,
      { isSmall: true },
    );
    expect(rows.map(({ part, what }) => `${part} ${what}`)).toEqual(["one a", "one b", "three c"]);
    expect(parts.map(({ leftOut }) => leftOut)).toEqual([null, "no cluster", null]);
    expect(said).toEqual([
      ...["one begins", "one: a  1 s", "one: b  1 s"],
      ...["two begins", "two is left out: no cluster"],
      ...["three begins", "three: c  1 s"],
    ]);
    expect(isSmall).toBe(true);
  });

  test("has each cluster's parts together, and boot and launch on clusters of each size", () => {
    const names = partsOf({ clusters: [4, 16, 64] }).map(({ name }) => name);
    expect(names.filter((name) => name === "boot" || name === "launch")).toEqual(
      Array(3).fill(["boot", "launch"]).flat(),
    );
    expect(new Set(names).size).toBe(names.length - 4);
  });

  test("is small in every size that the gate has", () => {
    for (const key of ["runs", "queuedJobs", "simulatedNodes", "followedLines", "idleSeconds"] as const)
      expect(SMALL[key]).toBeLessThan(FULL[key]);
  });
});

describe("median", () => {
  test.each([
    [[3], 3],
    [[10, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("of nothing fails", () => {
    expect(() => median([])).toThrow("needs values");
  });
});

test("99 % are not over the 99th percentile, which fails for nothing", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([percentile99(hundred), percentile99([7])]).toEqual([99, 7]);
  expect(() => percentile99([])).toThrow("needs values");
});

test("measures are taken in turns", async () => {
  const order: string[] = [];
  const measure = (name: string) => async () => order.push(name);
  expect(await byTurns({ a: measure("a"), b: measure("b") }, 2)).toEqual({ a: [1, 3], b: [2, 4] });
  expect(order).toEqual(["a", "b", "a", "b"]);
});

describe("the slow-down of an Allreduce", () => {
  // 100 a second until the tenth second, then 125.
  const counts = Array.from({ length: 201 }, (_, n) => {
    const at = n / 10;
    return [at, at <= 10 ? 100 * at : 1_000 + 125 * (at - 10)] as const;
  });

  test("compares the rates of a window with the agents and of its neighbour without", () => {
    const pair = { running: { fromSeconds: 2, toSeconds: 9 }, stopped: { fromSeconds: 11, toSeconds: 19 } };
    expect(slowDownPercent(counts, [pair])).toBeCloseTo(20);
  });

  test("fails for a window without counts", () => {
    expect(() => rateIn(counts, { fromSeconds: 30, toSeconds: 40 })).toThrow("without two counts");
  });
});
