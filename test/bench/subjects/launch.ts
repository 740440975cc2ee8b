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
import { bareLaunches, commandJobs, httpJobs, launchMs, STAMP } from "../launch/ways.js";
import type { BenchSubject } from "../subject.js";

const NODES = 4;
const QUEUED_JOBS = 10;

/**
 * From a job's submission to its last rank's start, by each way, beside bare mpiexec through the same agents; and a queue of
 * short jobs beside mpiexec called in a loop. On a local cloud, which needs root on Linux.
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
    const { launches, queues } = await withCluster(setting, NODES, (bench) => measureAll(bench, runs, file));
    return {
      text: `${renderLaunches(launches, NODES)}\n\n${renderQueues(queues)}`,
      json: { launches, launchGoalRatio: LAUNCH_GOAL_RATIO, queues },
      missed: missedLaunches(launches),
    };
  },
});

async function measureAll(bench: BenchCluster, runs: number, file: string) {
  const { cluster } = bench;
  const head = cluster.nodes.find(({ id }) => id === cluster.headInstanceId);
  const other = cluster.nodes.find(({ id }) => id !== cluster.headInstanceId);
  if (head === undefined || other === undefined) throw new Error("The cluster has no head and another node.");
  // Not counted: the first launch on a node loads everything.
  await bareLaunches(bench, 1);
  await httpJobs(bench, head.address, 1);
  const bare = await bareLaunches(bench, runs);
  const ways = {
    "job to the head": (await httpJobs(bench, head.address, runs)).map(launchMs),
    "job to another node": (await httpJobs(bench, other.address, runs)).map(launchMs),
    "muster job submit": (await commandJobs(bench, runs, file)).map(launchMs),
  };
  const queued = await httpJobs(bench, other.address, QUEUED_JOBS, { atOnce: true });
  const queues: Record<string, QueueFigures> = { "jobs to another node": queueFigures(queued) };
  return { launches: { bare, ways, peers: {} }, queues };
}
