import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchCluster, withCluster } from "../launch/cluster.js";
import {
  LAUNCH_GOAL_RATIO,
  missedLaunches,
  type QueueFigures,
  queueFigures,
  renderLaunches,
  renderQueues,
} from "../launch/report.js";
import { bareLaunch, commandJob, launchMs, STAMP, startHttpClient } from "../launch/ways.js";
import { type SlurmCluster, startSlurm } from "../slurm/cluster.js";
import type { BenchSubject } from "../subject.js";

const NODES = 4;
const QUEUED_JOBS = 10;
const BARE = "bare mpiexec";
const WATCHED = "bare, ranks run by rank.py";
const SRUN = "Slurm's srun";

/**
 * From a job's submission to its last rank's start, by each way, beside bare mpiexec through the same agents and Slurm's srun on
 * the same nodes; and a queue of short jobs beside Slurm's. On a local cloud, which needs root on Linux.
 */
export const launchSubject = (runs: number): BenchSubject => ({
  name: "launch",
  async measure(setting) {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      setting.say("launch: left out, for local nodes need root on Linux");
      return null;
    }
    const file = join(setting.work, STAMP.name);
    await writeFile(file, STAMP.content);
    const { launches, queues } = await withCluster(setting, NODES, async (bench) => {
      const slurm = await startSlurm(bench).catch((error: Error) => {
        setting.say(`launch: without Slurm, which could not be started: ${error.message}`);
        return null;
      });
      return measureAll(bench, slurm, runs, file);
    });
    return {
      text: `${renderLaunches(launches, NODES)}\n\n${renderQueues(queues)}`,
      json: { launches, launchGoalRatio: LAUNCH_GOAL_RATIO, queues },
      missed: missedLaunches(launches),
    };
  },
});

async function measureAll(bench: BenchCluster, slurm: SlurmCluster | null, runs: number, file: string) {
  const { cluster } = bench;
  const head = cluster.nodes.find(({ id }) => id === cluster.headInstanceId);
  const other = cluster.nodes.find(({ id }) => id !== cluster.headInstanceId);
  if (head === undefined || other === undefined) throw new Error("The cluster has no head and another node.");
  const client = startHttpClient(bench);
  try {
    const over = async (address: string): Promise<number> => launchMs((await client.run(address, 1))[0]);
    const measures = {
      [BARE]: () => bareLaunch(bench),
      [WATCHED]: () => bareLaunch(bench, { isWatched: true }),
      ...(slurm === null ? {} : { [SRUN]: slurm.srun }),
      "job to the head": () => over(head.address),
      "job to another node": () => over(other.address),
      "muster job submit": async () => launchMs(await commandJob(bench, file)),
    };
    // Not counted: the first launch on a node loads everything.
    for (const measure of Object.values(measures)) await measure();
    const {
      [BARE]: bare = [],
      [WATCHED]: watched = [],
      [SRUN]: srun,
      ...ways
    } = await inTurns(measures, runs);
    const queues: Record<string, QueueFigures> = {
      ...(slurm === null ? {} : { "Slurm's sbatch": queueFigures(await slurm.sbatch(QUEUED_JOBS)) }),
      "jobs to another node": queueFigures(await client.run(other.address, QUEUED_JOBS)),
    };
    return {
      launches: {
        bare,
        ways,
        peers: { [WATCHED]: watched, ...(srun === undefined ? {} : { [SRUN]: srun }) },
      },
      queues,
    };
  } finally {
    client.stop();
  }
}

/** Taken in turns, so that whatever else the machine does meets all. */
async function inTurns(
  measures: Readonly<Record<string, () => Promise<number>>>,
  runs: number,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const taken = new Map<string, number[]>(Object.keys(measures).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, measure] of Object.entries(measures)) taken.get(name)?.push(await measure());
  }
  return Object.fromEntries(taken);
}
