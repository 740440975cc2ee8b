import type { Boot } from "../boot/measure.js";
import type { BenchPart } from "../part.js";
import { type Measured, timesAtMost } from "../row.js";

/** A cluster of so many nodes boots, beside as many bare machines in the same local cloud. */
export const bootPart = (nodes: number): BenchPart => ({
  name: "boot",
  needs: "root",
  async measure({ clusterOf }) {
    return [bootRow((await clusterOf(nodes)).boot)];
  },
});

export const bootRow = ({ nodes, bannerSeconds, hostfileSeconds }: Boot): Measured => ({
  ...{ what: `${nodes} nodes, first instance to hostfile`, unit: "s", ours: hostfileSeconds },
  beside: { name: "sshd's banner of bare machines", value: bannerSeconds },
  goal: timesAtMost(2),
});
