import type { BenchPart } from "../part.js";
import { measureSlowDown } from "../reduce/measure.js";
import { atMost, type Measured } from "../row.js";

/** What idle agents cost a job that computes. */
export const reducePart = (nodes: number): BenchPart => ({
  name: "reduce",
  needs: "root",
  async measure({ clusterOf, sizes: { reduceWindows }, say }) {
    say(`reduce: ${reduceWindows} pairs of windows, with the agents and without`);
    return [reduceRow(await measureSlowDown(await clusterOf(nodes), reduceWindows))];
  },
});

/** All the nodes' agents share this machine's cores with the two ranks: on AWS each rank has one beside it. */
export const reduceRow = (percent: number): Measured => ({
  ...{ what: "slow-down of an Allreduce by the agents", unit: "%", ours: percent, goal: atMost(0.5) },
});
