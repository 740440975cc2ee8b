import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchCluster, headAndWorker } from "../launch/cluster.js";
import { bareLaunchMs, keepSsh } from "../launch/mpiexec.js";
import { commandJob, launchMs, STAMP, startHttpClient } from "../launch/ways.js";
import { byTurns, median } from "../median.js";
import type { BenchPart, BenchSetting } from "../part.js";
import { type Measured, timesAtMost } from "../row.js";
import { slurmOn } from "../slurm/shared.js";

/** From a job's submission to its last rank's start, by each way and each peer, in milliseconds; a value a run. */
export interface Launches {
  readonly bare: readonly number[];
  readonly ours: Readonly<Record<string, readonly number[]>>;
  readonly peers: Readonly<Record<string, readonly number[]>>;
  /** Slurm's srun; null: Slurm could not be started. */
  readonly srun: readonly number[] | null;
}

const OURS = ["job to the head", "job to another node", "muster job submit"] as const;
const BARE = "bare mpiexec";
const SRUN = "Slurm's srun";

/** On a cluster of so many nodes, beside bare mpiexec through the same agents, Hydra over ssh and Slurm on the same nodes. */
export const launchPart = (nodes: number): BenchPart => ({
  name: "launch",
  needs: "root",
  async measure(setting) {
    return launchRows(nodes, await measureLaunches(await setting.clusterOf(nodes), setting));
  },
});

async function measureLaunches(bench: BenchCluster, setting: BenchSetting): Promise<Launches> {
  const { head, worker } = headAndWorker(bench);
  const file = join(setting.work, STAMP.name);
  await writeFile(file, STAMP.content);
  const slurm = await slurmOn(bench, setting.say);
  const ssh = await keepSsh(bench);
  const client = await startHttpClient(bench, setting.work);
  try {
    const measures: Readonly<Record<string, () => Promise<number>>> = {
      [BARE]: () => bareLaunchMs(bench, "agents"),
      "bare, ranks run as a job's": () => bareLaunchMs(bench, "watched"),
      "Hydra over ssh": () => bareLaunchMs(bench, "ssh"),
      "Hydra over a warm ControlMaster": () => bareLaunchMs(bench, "warmSsh"),
      ...(slurm === null
        ? {}
        : { [SRUN]: slurm.srun, "Slurm's sbatch": async () => launchMs(await slurm.sbatch()) }),
      [OURS[0]]: async () => launchMs(await client.launch(head.address)),
      [OURS[1]]: async () => launchMs(await client.launch(worker.address)),
      [OURS[2]]: async () => launchMs(await commandJob(bench, file)),
    };
    // Not counted: the first launch on a node loads everything.
    for (const measure of Object.values(measures)) await measure();
    const taken = Object.entries(await byTurns(measures, setting.sizes.runs));
    const isOurs = (name: string): boolean => (OURS as readonly string[]).includes(name);
    const {
      [BARE]: bare = [],
      [SRUN]: srun = null,
      ...peers
    } = Object.fromEntries(taken.filter(([name]) => !isOurs(name)));
    return { bare, srun, peers, ours: Object.fromEntries(taken.filter(([name]) => isOurs(name))) };
  } finally {
    client.stop();
    await ssh.stop();
  }
}

/** Each way of ours beside bare mpiexec and srun; the other peers beside bare mpiexec too. */
export function launchRows(nodes: number, { bare, ours, peers, srun }: Launches): readonly Measured[] {
  const beside = (name: string, launches: readonly number[]) => ({ name, value: median(launches) });
  const row = (name: string, launches: readonly number[]) => ({
    ...{ what: `${nodes} nodes, ${name}`, unit: "ms" as const, ours: median(launches) },
  });
  const bareMpiexec = beside(BARE, bare);
  return [
    ...Object.entries(ours).map(([name, launches]) => ({
      ...row(name, launches),
      ...{ beside: bareMpiexec, goal: timesAtMost(1.3) },
    })),
    ...(srun === null
      ? []
      : Object.entries(ours).map(([name, launches]) => ({
          ...row(name, launches),
          ...{ beside: beside(SRUN, srun), goal: timesAtMost(1) },
        }))),
    ...Object.entries(peers).map(([name, launches]) => ({ ...row(name, launches), beside: bareMpiexec })),
  ];
}
