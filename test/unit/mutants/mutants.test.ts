import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { type Change, changesIn } from "../../mutants/changes.js";
import { EQUIVALENT } from "../../mutants/equivalent.js";
import { nearestTests } from "../../mutants/related.js";
import { describeChange, type Mutant, noticedPercent, renderMutants } from "../../mutants/report.js";
import { sampleOf } from "../../mutants/sample.js";
import { changesOf } from "../../mutants/sources.js";
import { CHOOSE, MADE, withSwitches } from "../../mutants/switches.js";

const changed = (source: string, { start, end, to }: Change): string =>
  source.slice(0, start) + to + source.slice(end);
const all = (source: string): readonly string[] =>
  changesIn("a.ts", source).map((change) => changed(source, change));

describe("the changes of a source", () => {
  test.each<[string, readonly string[]]>([
    ["a === b", ["a !== b"]],
    ["a < b", ["a <= b"]],
    ["a >= b", ["a > b"]],
    ["a + b * c", ["a - b * c", "a + b / c"]],
    ["(a && b) ?? c", ["(a || b) ?? c", "(a && b) && c"]],
    ["!a", ["a"]],
    ["n++; --n", ["n--; --n", "n++; ++n"]],
    ["n += 1", ["n -= 1"]],
    ["(a as number) < b!", ["(a as number) <= b!"]],
  ])("%s are %j", (source, expected) => {
    expect(all(source)).toEqual(expected);
  });

  test.each([
    ["types", "type A = B | C; const a: -1 | 1 = b"],
    ["text that is put together", "a + 'b' + c"],
    ["what is only logged", "log.info(a + b); deps.log.warn({ n: a - b })"],
    ["calls and assignments", "a = f(b)"],
  ])("has none of %s", (_name, source) => {
    expect(all(source)).toEqual([]);
  });

  test("are named by their code, wherever it moves to, and the second of the same code is told apart", () => {
    const keys = (source: string) => changesIn("a.ts", source).map(({ key }) => key);
    expect(keys("c === d;")).toEqual(["a.ts: c «===» d; -> !=="]);
    expect(keys("b;\n\n  c === d;")).toEqual(keys("c === d;"));
    expect(keys("!a;\nb;\n!a;")).toEqual(["a.ts: «!»a; -> nothing", "a.ts: «!»a; -> nothing (2)"]);
  });

  test("are shown with their line", () => {
    expect(changesIn("a.ts", "b;\n\nc === d").map(describeChange)).toEqual(["a.ts:3: c «===» d -> !=="]);
  });
});

test("each change that is listed as one that changes nothing is one of the sources' today", async () => {
  const keys = new Set((await changesOf(join(import.meta.dirname, "../../.."), [])).map(({ key }) => key));
  expect(Object.keys(EQUIVALENT).filter((key) => !keys.has(key))).toEqual([]);
});

describe("a source with switches", () => {
  const A_SOURCE =
    "let n = 2 * (a + 1); n++; if (!(a < 3) && a !== 9) n = -n; n += a; result = [n, a ?? 0, ((a && n) && !a) || n];";
  const numbered = changesIn("a.ts", A_SOURCE).map((change, number) => ({ number, change }));

  /** Runs it with that `a` and that change made: what comes of it, and the numbers of what it reached. */
  function run(source: string, a: number | null, made: number | null = null) {
    const reached: number[] = [];
    const choose = (number: number, changed: unknown, own: unknown) => {
      reached.push(number);
      return number === made ? changed : own;
    };
    const place = createContext({ a, result: null, [CHOOSE]: choose });
    runInContext(source, place);
    return { result: place["result"] as unknown, reached: [...new Set(reached)].sort((x, y) => x - y) };
  }
  const codes = numbered.map(({ change: { from } }) => from);

  test.each<[number | null, readonly string[]]>([
    [5, []],
    [9, ["-"]],
    [1, ["!==", "-"]],
  ])("does the same, and says which expressions run: with %j all but %j", (a, others) => {
    const { result, reached } = run(withSwitches(A_SOURCE, numbered), a);
    expect(result).toEqual(run(A_SOURCE, a).result);
    expect(reached.map((number) => codes[number])).toEqual(codes.filter((code) => !others.includes(code)));
  });

  test.each(numbered.map((one) => [one.change.key, one] as const))(
    "makes one change: %s",
    (_key, { number, change }) => {
      for (const a of [1, 5, 9, null])
        expect(run(withSwitches(A_SOURCE, numbered), a, number).result).toEqual(
          run(changed(A_SOURCE, change), a).result,
        );
    },
  );

  test.each([
    ["result = a && 0 && 7", [7, 7]],
    ["result = a ?? null ?? 7", [7, 7]],
    ["result = 1 + a * 2", [-9, 3.5]],
  ])("changes an operator, and not what belongs to it: %s", (source, expected) => {
    const changes = changesIn("a.ts", source).map((change, number) => ({ number, change }));
    const results = changes.map(({ number }) => run(withSwitches(source, changes), 5, number).result);
    expect(results).toEqual(expected);
  });

  test("waits in an operand as it would without", async () => {
    const source = "result = (async () => (await a) ?? ((await 0) || (await 7)))();";
    const changes = changesIn("a.ts", source).map((change, number) => ({ number, change }));
    expect(await run(withSwitches(source, changes), null).result).toBe(7);
  });

  test("goes by the process's environment where no change is named", () => {
    const source = "result = a < 5";
    const changes = changesIn("a.ts", source).map((change, number) => ({ number, change }));
    const resultOf = (env: Readonly<Record<string, string>>): unknown => {
      const place = createContext({ a: 5, result: null, process: { env } });
      runInContext(withSwitches(source, changes), place);
      return place["result"];
    };
    expect([resultOf({}), resultOf({ [MADE]: "0" })]).toEqual([false, true]);
  });
});

describe("a sample", () => {
  const values = Array.from({ length: 100 }, (_, n) => ({ key: String(n) }));

  test("is the same for the same seed, and another for another", () => {
    expect(sampleOf(values, 10, 1)).toEqual(sampleOf(values, 10, 1));
    expect(sampleOf(values, 10, 1)).not.toEqual(sampleOf(values, 10, 2));
  });

  test("has each value once, and begins with a smaller one", () => {
    const larger = sampleOf(values, 200, 1);
    expect(new Set(larger).size).toBe(100);
    expect(larger.slice(0, 10)).toEqual(sampleOf(values, 10, 1));
  });

  test("keeps its order when a value comes or goes", () => {
    const [first, ...others] = sampleOf(values, 10, 1);
    const without = values.filter((value) => value !== first);
    expect(sampleOf(without, 9, 1)).toEqual(others);
  });
});

test("the tests of a file are those that import it, through others too, the nearest first", () => {
  const imports = (...paths: readonly string[]) => ({
    bytes: 1,
    imports: paths.map((path) => ({ path, kind: "import-statement" as const })),
  });
  const inputs = {
    "a.ts": imports("b.ts"),
    "b.ts": imports("a.ts"),
    "far.test.ts": imports("b.ts"),
    "near.test.ts": imports("a.ts", "node:fs"),
    "other.test.ts": imports("c.ts"),
  };
  expect(nearestTests({ inputs }, "a.ts")).toEqual(["near.test.ts", "far.test.ts"]);
});

test("the report names each change that no test noticed, the share of the others, and those that hung", () => {
  const [change] = changesIn("a.ts", "!a");
  if (change === undefined) throw new Error("no change");
  const mutants: readonly Mutant[] = [
    { change, verdict: { isNoticed: true, by: "a.test.ts", isHang: true } },
    { change, verdict: { isNoticed: false, isReached: true } },
    { change, verdict: { isNoticed: false, isReached: false } },
  ];
  expect([noticedPercent(mutants), noticedPercent([])]).toEqual([100 / 3, 100]);
  expect(renderMutants(mutants, 3).split("\n")).toEqual([
    "ALIVE: a.ts:1: «!»a -> nothing",
    "ALIVE, no unit test runs it: a.ts:1: «!»a -> nothing",
    "1 of 3 changes are noticed: 33.3 %; goal >= 97 %",
    "(1 of them because a test hung; 3 more change nothing: test/mutants/equivalent.ts)",
  ]);
});
