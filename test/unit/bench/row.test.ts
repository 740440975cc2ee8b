import { describe, expect, test } from "@jest/globals";
import {
  atMost,
  isMet,
  type Measured,
  missedOf,
  ratioOf,
  timesAtLeast,
  timesAtMost,
} from "../../bench/row.js";

const row = (ours: number, more: Partial<Measured> = {}): Measured => ({
  ...{ what: "a start", unit: "ms", ours },
  ...more,
});
const beside = { name: "a peer", value: 20 };

describe("a row of the benchmark", () => {
  test("is so many times what is beside it", () => {
    expect(ratioOf(row(30, { beside }))).toBe(1.5);
    expect(ratioOf(row(30))).toBeNull();
  });

  test.each<[string, Measured, boolean | null]>([
    ["without a goal is neither", row(30, { beside }), null],
    ["at its limit is met", row(10, { goal: atMost(10) }), true],
    ["over it is missed", row(10.1, { goal: atMost(10) }), false],
    ["at so many times the peer is met", row(30, { beside, goal: timesAtMost(1.5) }), true],
    ["over so many times the peer is missed", row(31, { beside, goal: timesAtMost(1.5) }), false],
    ["at the least of the peer's is met", row(10, { beside, goal: timesAtLeast(0.5) }), true],
    ["under it is missed", row(9, { beside, goal: timesAtLeast(0.5) }), false],
    ["that was not measured is missed", row(Number.NaN, { goal: atMost(10) }), false],
    ["without the peer that its goal needs is missed", row(1, { goal: timesAtMost(2) }), false],
  ])("%s", (_name, measured, met) => {
    expect(isMet(measured)).toBe(met);
  });

  test("that misses its goal is named by its part and by itself", () => {
    const rows = [
      { part: "one", ...row(11, { goal: atMost(10) }) },
      { part: "two", ...row(9, { goal: atMost(10) }) },
      { part: "two", ...row(99) },
    ];
    expect(missedOf(rows)).toEqual(["one: a start"]);
  });
});
