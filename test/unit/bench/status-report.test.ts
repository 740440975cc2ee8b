import { describe, expect, test } from "@jest/globals";
import { missedStatusGoals, renderStatuses } from "../../bench/status/report.js";

const figures = (ofHello: number, p99Ms: number) => [
  { name: "fastify hello", perSecond: 40_000, p99Ms: 3 },
  { name: "muster, 4 nodes", perSecond: 40_000 * ofHello, p99Ms },
];

describe("the benchmark of the status", () => {
  test.each([
    ["none", 0.5, 10, []],
    ["too few requests", 0.49, 10, ["status: ofHello"]],
    ["too long a wait", 0.5, 10.1, ["status: p99Ms"]],
  ])("misses %s", (_name, ofHello, p99Ms, missed) => {
    expect(missedStatusGoals(figures(ofHello, p99Ms))).toEqual(missed);
  });

  test("misses both without figures", () => {
    expect(missedStatusGoals([])).toEqual(["status: ofHello", "status: p99Ms"]);
  });

  test("shows a line for each, and the goal", () => {
    expect(renderStatuses(figures(0.75, 4)).split("\n").slice(1)).toEqual([
      "fastify hello                        40000         1.00x           3.0",
      "muster, 4 nodes                      30000         0.75x           4.0",
      "goal, few nodes                                  >= 0.5x         <= 10",
    ]);
  });
});
