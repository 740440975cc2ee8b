import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { changed, changesIn } from "../../mutants/changes.js";
import { EQUIVALENT } from "../../mutants/equivalent.js";
import { nearestTests } from "../../mutants/related.js";
import { describeChange, type Mutant, noticedPercent, renderMutants } from "../../mutants/report.js";
import { sampleOf } from "../../mutants/sample.js";
import { changesOf } from "../../mutants/sources.js";

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
    { change, verdict: { isNoticed: false } },
  ];
  expect([noticedPercent(mutants), noticedPercent([])]).toEqual([50, 100]);
  expect(renderMutants(mutants, 3).split("\n")).toEqual([
    "alive: a.ts:1: «!»a -> nothing",
    "1 of 2 changes are noticed: 50.0 %; goal >= 97 %",
    "(1 of them because a test hung; 3 more change nothing: test/mutants/equivalent.ts)",
  ]);
});
