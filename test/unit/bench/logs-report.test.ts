import { describe, expect, test } from "@jest/globals";
import type { Delivery, Follow } from "../../bench/logs/measure.js";
import { LOG_GOALS, missedLogGoals, renderLogs } from "../../bench/logs/report.js";

const ours: Delivery = { name: "muster", afterEndSeconds: 0.4, grownMb: 12 };
const peer: Delivery = { name: "plain upload by the SDK", afterEndSeconds: 22, grownMb: 40 };
const live: Follow = { name: "muster", lineMs: [10, 300, 20] };

describe("the rows of a job's output", () => {
  test("miss no goal within it, whatever the peer's are, and each one over it", () => {
    expect(missedLogGoals([ours, peer], [live])).toEqual([]);
    const slow = {
      ...ours,
      afterEndSeconds: LOG_GOALS.afterEndSeconds + 0.1,
      grownMb: LOG_GOALS.grownMb + 1,
    };
    expect(missedLogGoals([slow], [{ ...live, lineMs: [251, 251] }])).toEqual(Object.keys(LOG_GOALS));
    expect(missedLogGoals([], [])).toEqual(Object.keys(LOG_GOALS));
  });

  test("stand under each other, with the goal", () => {
    expect(
      renderLogs([ours, peer], [live])
        .split("\n")
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ["1 GB of output", "s after the end", "grown MB"],
      ["muster", "0.40", "12"],
      ["plain upload by the SDK", "22.00", "40"],
      ["goal", "<= 3", "<= 32"],
      [""],
      ["a line, followed live", "median ms", "longest ms"],
      ["muster", "20", "300"],
      ["goal", "<= 250"],
    ]);
  });
});
