import { expect, test } from "@jest/globals";
import { missedLaunches, queueFigures, renderLaunches, renderQueues } from "../../bench/launch/report.js";

const FIGURES = {
  bare: [100, 90, 110],
  ways: { "job to the head": [120, 130, 131], "muster job submit": [131, 131, 90] },
  peers: { "Slurm's srun": [150] },
};

test("a way misses the goal whose median is over 1.3 times that of bare mpiexec", () => {
  expect(missedLaunches(FIGURES)).toEqual(["launch: muster job submit"]);
});

test("the table has bare mpiexec, the peers and each way, with its ratio and goal", () => {
  expect(renderLaunches(FIGURES, 4).split("\n")).toEqual([
    "launch, 4 nodes, 3 runs           median         all    of bare        goal",
    "bare mpiexec                      100 ms      90-110       1.00x            ",
    "Slurm's srun                      150 ms     150-150       1.50x            ",
    "job to the head                   130 ms     120-131       1.30x     <= 1.3x",
    "muster job submit                 131 ms      90-131       1.31x     <= 1.3x",
  ]);
});

test("a queue's gaps are between the last start of one and the first of the next, however they come", () => {
  const job = (sentAtMs: number, firstRankMs: number, lastRankMs: number) => ({
    ...{ sentAtMs, firstRankMs, lastRankMs },
  });
  const figures = queueFigures([job(1, 700, 750), job(0, 100, 200), job(0, 350, 400)]);
  expect(figures).toEqual({ jobs: 3, jobsPerSecond: 4, gapMs: 225 });
  expect(renderQueues({ jobs: figures }).split("\n")[1]).toBe(
    "jobs                                   3        4.00         225",
  );
});
