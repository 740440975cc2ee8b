import { describe, expect, test } from "@jest/globals";
import { missedScaleGoals, renderScale, type ScaleFigures } from "../../bench/scale/report.js";

const figures: ScaleFigures = {
  ...{ nodes: 1_000, joinSeconds: 5, joinNodeWrites: 1_002, joinClusterWrites: 3, headMb: 150 },
  ...{ writesPerMinute: 15, readsPerMinute: 57, headCpuPercent: 4, otherHeadSeconds: 14 },
  ...{ allWithItSeconds: 20, hostfileSeconds: 21, takesAtOnce: 16, lost: 0 },
};

describe("the benchmark of scale", () => {
  test.each<[keyof ScaleFigures, number]>([
    ["joinSeconds", 5.1],
    ["headMb", 151],
    ["writesPerMinute", 16],
    ["allWithItSeconds", 20.1],
    ["lost", 1],
  ])("misses its goal with %s of %d", (name, value) => {
    expect(missedScaleGoals({ ...figures, [name]: value })).toEqual([`scale: ${name}`]);
  });

  test("misses none at its limits", () => {
    expect(missedScaleGoals(figures)).toEqual([]);
  });

  test("shows each figure, and its goal where there is one", () => {
    const lines = renderScale(figures).split("\n");
    expect(lines[0]).toContain("1000 simulated nodes");
    expect(lines).toContainEqual(expect.stringMatching(/memory, MB +150 +<= 150$/));
    expect(lines).toContainEqual(expect.stringMatching(/reads a minute at rest +57$/));
  });
});
