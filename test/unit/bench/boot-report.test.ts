import { describe, expect, test } from "@jest/globals";
import { missedBoots, renderBoots } from "../../bench/boot/report.js";
import { type Cost, missedCosts, renderCosts } from "../../bench/cost/report.js";

describe("the benchmark of boots", () => {
  const boots = [
    { nodes: 4, bannerSeconds: 5, hostfileSeconds: 10 },
    { nodes: 64, bannerSeconds: 40, hostfileSeconds: 81 },
  ];

  test("misses the sizes that take more than twice as long as their banners", () => {
    expect(missedBoots(boots)).toEqual(["boot: 64 nodes"]);
  });

  test("shows a line for each size", () => {
    expect(renderBoots(boots).split("\n")).toEqual([
      expect.stringContaining("of banners"),
      expect.stringMatching(/^4 nodes +5\.0 +10\.0 +2\.00x +<= 2x$/),
      expect.stringMatching(/^64 nodes +40\.0 +81\.0 +2\.02x +<= 2x$/),
    ]);
  });
});

describe("the benchmark of an idle agent", () => {
  const cost = (name: string, rssMb: number, cpuPercent: number): Cost => ({
    ...{ name, rssMb, cpuPercent, childrenPercent: 0.05 },
  });
  const bare = cost("bare node + fastify", 60, 0);

  test.each([
    ["none at its limits", cost("worker", 75, 0.1), cost("head", 75, 0.3), []],
    ["a worker's memory", cost("worker", 76, 0.1), cost("head", 75, 0.3), ["cost: worker's memory"]],
    ["a worker's CPU", cost("worker", 75, 0.11), cost("head", 75, 0.3), ["cost: worker's CPU"]],
    ["a head's CPU", cost("worker", 75, 0.1), cost("head", 75, 0.31), ["cost: head's CPU"]],
    ["what was not seen", cost("worker", Number.NaN, 0.1), cost("head", 75, 0), ["cost: worker's memory"]],
  ])("misses %s", (_name, worker, head, missed) => {
    expect(missedCosts([bare, worker, head])).toEqual(missed);
  });

  test("shows each process beside the bare one, which has no goal", () => {
    expect(
      renderCosts([bare, cost("head", 90, 0.42)])
        .split("\n")
        .slice(1),
    ).toEqual([
      expect.stringMatching(/^bare node \+ fastify +60 +1\.00x +0\.00 +0\.05$/),
      expect.stringMatching(/^head +90 +1\.50x +<= 1\.25x +0\.42 +<= 0\.3 +0\.05$/),
    ]);
  });
});
