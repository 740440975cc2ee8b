import { describe, expect, test } from "@jest/globals";
import { GOAL, median, medianStart, missedGoals, renderApplies, renderStarts } from "../../bench/report.js";

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

test("each measure has its own median: no single start need have had them all", () => {
  const start = (handshakeMs: number, schemaMs: number, rssMb: number) => ({ handshakeMs, schemaMs, rssMb });
  expect(medianStart([start(1, 20, 300), start(2, 30, 100), start(3, 10, 200)])).toEqual(start(2, 20, 200));
});

test("a goal is met at its own value and missed above it", () => {
  expect(missedGoals(GOAL)).toEqual([]);
  expect(missedGoals({ ...GOAL, rssMb: GOAL.rssMb + 1, schemaMs: 500 })).toEqual(["schemaMs", "rssMb"]);
});

test("the tables have a line for each subject", () => {
  const starts = renderStarts({ muster: { handshakeMs: 99.6, schemaMs: 101, rssMb: 55.4 } }, 9);
  expect(starts.split("\n")).toEqual([
    "start, medians of 9        handshake      schema         RSS",
    "muster                        100 ms      101 ms       55 MB",
    "goal                       <= 150 ms   <= 160 ms    <= 64 MB",
  ]);
  const applies = renderApplies([
    { name: "terraform_data", count: 1000, planSeconds: 4.3, applySeconds: 17 },
  ]);
  expect(applies.split("\n")[1]).toBe("terraform_data                  1000        4.30       17.00");
});
