import { describe, expect, test } from "@jest/globals";
import { changed, changesIn } from "../../mutants/changes.js";
import { describeChange, type Mutant, noticedPercent, renderMutants } from "../../mutants/report.js";
import { sampleOf } from "../../mutants/sample.js";

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

  test("know their line", () => {
    expect(changesIn("a.ts", "b;\n\nc === d").map(describeChange)).toEqual(["a.ts:3: === -> !=="]);
  });
});

describe("a sample", () => {
  const values = Array.from({ length: 100 }, (_, n) => n);

  test("is the same for the same seed, and another for another", () => {
    expect(sampleOf(values, 10, 1)).toEqual(sampleOf(values, 10, 1));
    expect(sampleOf(values, 10, 1)).not.toEqual(sampleOf(values, 10, 2));
  });

  test("has each value once, and begins with a smaller one", () => {
    const larger = sampleOf(values, 200, 1);
    expect(new Set(larger).size).toBe(100);
    expect(larger.slice(0, 10)).toEqual(sampleOf(values, 10, 1));
  });
});

test("the report names each change that no test noticed, and the share of the others", () => {
  const [change] = changesIn("a.ts", "!a");
  if (change === undefined) throw new Error("no change");
  const mutants: readonly Mutant[] = [
    { change, isNoticed: true },
    { change, isNoticed: false },
  ];
  expect(noticedPercent(mutants)).toBe(50);
  expect(renderMutants(mutants).split("\n")).toEqual([
    "alive: a.ts:1: ! -> nothing",
    "1 of 2 changes are noticed: 50.0 %; goal >= 97 %",
  ]);
});
