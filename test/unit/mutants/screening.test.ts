import { describe, expect, test } from "@jest/globals";
import { narrowestFirst, screenBy } from "../../mutants/screen.js";
import { type ScreenedTest, Screening } from "../../mutants/screening.js";
import { type Screening as Result, screeningOf } from "../../mutants/screening-result.js";
import type { FromWorker, Screened } from "../../mutants/worker-messages.js";

interface Child extends ScreenedTest {
  readonly errors: unknown[];
  readonly body: (choose: Screening["choose"]) => void;
}

/** Runs tests as jest does: those that come meanwhile too. */
function screened(
  bodies: readonly Child["body"][],
  { but = [], load = () => undefined }: { but?: readonly number[]; load?: Child["body"] } = {},
) {
  const said: Screened[] = [];
  const screening = new Screening(but, (message) => void said.push(message));
  const children: Child[] = [];
  children.push(...bodies.map((body) => ({ body, errors: [], mode: null, parent: { children } })));
  let runs = 0;
  load(screening.choose);
  for (const child of children) {
    screening.begin(child);
    if (child.mode !== "skip") {
      runs += 1;
      try {
        child.body(screening.choose);
      } catch (error) {
        child.errors.push(error);
      }
    }
    screening.end(child);
  }
  const ends = said.filter(({ came }) => came !== "begun").map(({ number, came }) => `${number} ${came}`);
  return { ends, runs, screening };
}

/** Fails where one of these changes is made. */
const needs =
  (...numbers: readonly number[]): Child["body"] =>
  (choose) => {
    if (numbers.map((number) => choose(number, true, false)).includes(true)) throw new Error("changed");
  };
const reaches =
  (...numbers: readonly number[]): Child["body"] =>
  (choose) => {
    for (const number of numbers) choose(number, true, false);
  };

describe("a screening", () => {
  test("runs each test once more for each change that it reaches, and no more once one has noticed it", () => {
    const { ends, runs } = screened([needs(1), needs(1), reaches(2)]);
    expect(ends).toEqual(["1 noticed", "2 passed"]);
    // Three as they are, one with 1 and its proof, one with 2.
    expect(runs).toBe(6);
  });

  test("leaves out what is known", () => {
    expect(screened([needs(1, 2)], { but: [1] }).ends).toEqual(["2 noticed"]);
  });

  test("says of a change that spoils the file that it is unclear, and ends", () => {
    let isSpoilt = false;
    const { ends } = screened([
      (choose) => {
        isSpoilt ||= choose(1, true, false);
        choose(2, true, false);
        if (isSpoilt) throw new Error("spoilt");
      },
    ]);
    expect(ends).toEqual(["1 unclear"]);
  });

  test("ends after a test that took too long, for it goes on beside the others", () => {
    const { ends } = screened([
      (choose) => {
        if (choose(1, true, false)) throw new Error("Exceeded timeout of 6000 ms for a test.");
      },
      needs(2),
    ]);
    expect(ends).toEqual(["1 hung"]);
  });

  test("says nothing by a test that fails without a change", () => {
    const { ends } = screened([
      (choose) => {
        choose(1, true, false);
        throw new Error("always");
      },
      needs(2),
    ]);
    expect(ends).toEqual([]);
  });

  test("ends what runs without an end because of a change", () => {
    const { ends } = screened([
      (choose) => {
        while (choose(1, true, false)) reaches(2)(choose);
      },
    ]);
    expect(ends).toEqual(["1 noticed"]);
  });

  test("tells apart what is reached outside of the tests", () => {
    const { screening } = screened([reaches(1)], { load: reaches(2) });
    expect([[...screening.reached], [...screening.outside]]).toEqual([[2, 1], [2]]);
  });
});

const is = (number: number, came: Screened["came"]): FromWorker => ({ kind: "screened", number, came });
const reached = (numbers: readonly number[], outside: readonly number[] = []): FromWorker => ({
  ...{ kind: "reached", numbers, outside },
});
const DONE: FromWorker = { kind: "done", file: "a" };

describe("what came of a screening", () => {
  test.each<[string, readonly FromWorker[], boolean, Omit<Result, "reached">]>([
    [
      "the last that was said of each",
      [is(1, "begun"), is(1, "noticed"), is(2, "passed"), reached([1, 2]), DONE],
      true,
      { noticed: [1], hung: [], unclear: [], ended: [] },
    ],
    [
      "what was reached outside is unclear",
      [is(1, "passed"), reached([1, 3], [3]), DONE],
      true,
      { noticed: [], hung: [], unclear: [3], ended: [] },
    ],
    [
      "what spoiled the file ended it",
      [is(1, "unclear"), reached([1]), DONE],
      true,
      { noticed: [], hung: [], unclear: [1], ended: [1] },
    ],
    [
      "what the process hung with ended it",
      [is(4, "begun")],
      false,
      { noticed: [], hung: [], unclear: [4], ended: [4] },
    ],
    [
      "a file that fails by itself makes all that it reaches unclear",
      [{ kind: "failed", file: "a", why: "it" }, reached([1]), DONE],
      true,
      { noticed: [], hung: [], unclear: [1], ended: [] },
    ],
  ])("is %s", (_what, said, hasEnded, expected) => {
    expect(screeningOf(said, hasEnded)).toMatchObject(expected);
  });
});

test("a file is loaded anew without the changes that ended its screening", async () => {
  const asked: (readonly number[])[] = [];
  const results: Result[] = [
    { noticed: [1], hung: [], unclear: [2], ended: [2], reached: new Set([1, 2]) },
    { noticed: [3], hung: [3], unclear: [], ended: [], reached: new Set([3]) },
  ];
  const known = {
    noticed: new Map([[9, { by: "before", isHang: false }]]),
    unclear: new Set<number>(),
    reached: new Map(),
  };
  const screen = async (_file: string, but: readonly number[]): Promise<Result> => {
    asked.push(but);
    return results.shift() as Result;
  };
  await screenBy("a", { screen }, known);
  expect(asked).toEqual([[9], [9, 1, 2]]);
  expect([...known.noticed].slice(1)).toEqual([
    [1, { by: "a", isHang: false }],
    [3, { by: "a", isHang: true }],
  ]);
  expect([...known.unclear]).toEqual([2]);
  expect([...known.reached]).toEqual([["a", new Set([1, 2, 3])]]);
});

test("a test that has to do with few sources screens before one that has to do with many, and each once", () => {
  expect(narrowestFirst([["wide", "a"], ["wide", "b"], ["wide"]])).toEqual(["a", "b", "wide"]);
});
