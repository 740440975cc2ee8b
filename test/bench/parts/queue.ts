import { headAndWorker } from "../launch/cluster.js";
import { sequentialSeconds } from "../launch/mpiexec.js";
import { startHttpClient } from "../launch/ways.js";
import type { BenchPart } from "../part.js";
import { type Measured, timesAtMost } from "../row.js";
import { slurmOn } from "../slurm/shared.js";

/** Jobs of one second that are submitted at once, from the first submission to the last end. */
export const queuePart = (nodes: number): BenchPart => ({
  name: "queue",
  needs: "root",
  async measure({ clusterOf, sizes: { queuedJobs }, work, say }) {
    const bench = await clusterOf(nodes);
    const slurm = await slurmOn(bench, say);
    const client = await startHttpClient(bench, work);
    try {
      say(`queue: ${queuedJobs} jobs of a second, by each way`);
      const { sentAtMs, endedAtMs } = await client.queue(headAndWorker(bench).worker.address, queuedJobs);
      return queueRows(queuedJobs, {
        ours: (endedAtMs - sentAtMs) / 1_000,
        sequential: await sequentialSeconds(bench, queuedJobs),
        sbatch: slurm === null ? null : await slurm.queueSeconds(queuedJobs),
      });
    } finally {
      client.stop();
    }
  },
});

/** Seconds for all; `sbatch` null: Slurm could not be started. */
export function queueRows(
  jobs: number,
  {
    ours,
    sequential,
    sbatch,
  }: { readonly ours: number; readonly sequential: number; readonly sbatch: number | null },
): readonly Measured[] {
  const row = { what: `${jobs} jobs of a second, queue to end`, unit: "s" as const, ours };
  return [
    { ...row, beside: { name: "mpiexec, one after the other", value: sequential }, goal: timesAtMost(1.1) },
    ...(sbatch === null ? [] : [{ ...row, beside: { name: "Slurm's sbatch", value: sbatch } }]),
  ];
}
