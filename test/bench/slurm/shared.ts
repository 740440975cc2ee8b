import type { BenchCluster } from "../launch/cluster.js";
import { type SlurmCluster, startSlurm } from "./cluster.js";

const started = new WeakMap<BenchCluster, Promise<SlurmCluster | null>>();

/** The cluster's Slurm, which is started once. Null: it can't be, which has been said. */
export function slurmOn(bench: BenchCluster, say: (line: string) => void): Promise<SlurmCluster | null> {
  const running =
    started.get(bench) ??
    startSlurm(bench).catch((error: Error) => {
      say(`without Slurm, which could not be started: ${error.message}`);
      return null;
    });
  started.set(bench, running);
  return running;
}
