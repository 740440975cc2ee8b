import type { BenchPart } from "../part.js";
import { atMost, type Measured } from "../row.js";
import { measureScale, type ScaleFigures } from "../scale/measure.js";

/** One head and so many nodes, which are simulated but for their links. */
export const scalePart: BenchPart = {
  name: "scale",
  needs: "linux",
  async measure({ sizes, say }) {
    say(`scale: ${sizes.simulatedNodes} nodes join a head`);
    return scaleRows(await measureScale(sizes, say));
  },
};

/** The lease's renewals, every 5 s, however many nodes there are, and a few. */
const GOAL_WRITES = atMost(15);

export function scaleRows(figures: ScaleFigures): readonly Measured[] {
  const of = (what: string): string => `${figures.nodes} nodes: ${what}`;
  return [
    { what: of("last hello to the whole hostfile"), unit: "s", ours: figures.joinSeconds, goal: atMost(5) },
    { what: of("writes of nodes, joining"), unit: "", ours: figures.joinNodeWrites },
    { what: of("writes of the cluster, joining"), unit: "", ours: figures.joinClusterWrites },
    { what: of("head's memory"), unit: "MB", ours: figures.headMb, goal: atMost(150) },
    { what: of("head's CPU, at rest"), unit: "% of a core", ours: figures.headCpuPercent },
    { what: of("writes a minute, at rest"), unit: "", ours: figures.writesPerMinute, goal: GOAL_WRITES },
    { what: of("reads a minute, at rest"), unit: "", ours: figures.readsPerMinute },
    { what: of("head killed, to another head"), unit: "s", ours: figures.otherHeadSeconds },
    {
      ...{ what: of("head killed, to all with the other"), unit: "s" },
      ...{ ours: figures.allWithItSeconds, goal: atMost(20) },
    },
    { what: of("head killed, to its hostfile"), unit: "s", ours: figures.hostfileSeconds },
    { what: of("head killed, who take the lease at once"), unit: "", ours: figures.takesAtOnce },
    { what: of("head killed, others declared lost"), unit: "", ours: figures.lost, goal: atMost(0) },
  ];
}
