import { headAndWorker } from "../launch/cluster.js";
import { byTurns, median } from "../median.js";
import { openLab } from "../notebook/lab.js";
import type { BenchPart } from "../part.js";
import { type Measured, timesAtMost } from "../row.js";

/** Few: each starts ranks on all nodes. */
const MOST_TURNS = 5;

/** From a kernel that is asked for to the first result of a cell on all ranks, beside ipyparallel by hand, with mpiexec over ssh. */
export const notebookPart = (nodes: number): BenchPart => ({
  name: "notebook",
  needs: "root",
  async measure({ clusterOf, sizes }) {
    const bench = await clusterOf(nodes);
    const lab = await openLab(bench, headAndWorker(bench).worker);
    try {
      const turns = Math.min(MOST_TURNS, sizes.runs);
      const { ours, peer } = await byTurns({ ours: lab.kernelSeconds, peer: lab.ipclusterSeconds }, turns);
      return [notebookRow(nodes, { ours, peer })];
    } finally {
      await lab.close();
    }
  },
});

export const notebookRow = (
  nodes: number,
  { ours, peer }: Readonly<Record<"ours" | "peer", readonly number[]>>,
): Measured => ({
  ...{ what: `${nodes} nodes, notebook to first MPI cell`, unit: "s", ours: median(ours) },
  beside: { name: "ipcluster, mpiexec over ssh", value: median(peer) },
  goal: timesAtMost(1),
});
