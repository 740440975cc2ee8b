import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hostfilePath } from "../../../agent/contract/names.js";
import { asUser, type BenchCluster, headAndWorker, onNode } from "../launch/cluster.js";
import { type Count, slowDownPercent, type Window } from "./windows.js";

/** So long that a window has many counts, and shorter than any patience of the agents: one that is stopped is not missed. */
const WINDOW_SECONDS = 2;
/** Of a window, until the agents are stopped on all nodes or run again. */
const EDGE_SECONDS = 0.3;
const WARM_UP_SECONDS = 3;
const SIGNAL_SECONDS = 1;

/** A running Allreduce of two ranks, one on each of two nodes, while all agents run and while they are stopped, in turns. */
export async function measureSlowDown(bench: BenchCluster, pairs: number): Promise<number> {
  const { head } = headAndWorker(bench);
  const program = readFileSync(join(import.meta.dirname, "reduce.py"), "utf8");
  const seconds = WARM_UP_SECONDS + pairs * 2 * (WINDOW_SECONDS + SIGNAL_SECONDS);
  const mpiexec = `mpiexec -n 2 -ppn 1 -f ${hostfilePath(bench.cluster.uuid)} python3 -c '${program}' ${seconds}`;
  const running = onNode(bench, head.id, asUser(mpiexec), 2 * seconds + 60);
  const windows = await Promise.race([takeTurns(bench, pairs), running.then(() => null)]);
  if (windows === null) throw new Error("The Allreduce ended before the agents were stopped and started.");
  const counts = (await running).split("\n").filter(Boolean).map(countOf);
  return slowDownPercent(counts, windows);
}

const countOf = (line: string): Count => {
  const [at = Number.NaN, count = Number.NaN] = line.split(" ").map(Number);
  return [at, count];
};

async function takeTurns(bench: BenchCluster, pairs: number) {
  const taken: { running: Window; stopped: Window }[] = [];
  await sleep(WARM_UP_SECONDS * 1_000);
  for (let pair = 0; pair < pairs; pair += 1) {
    const running = await windowNow();
    await signalAgents(bench, "STOP");
    try {
      taken.push({ running, stopped: await windowNow() });
    } finally {
      await signalAgents(bench, "CONT");
    }
  }
  return taken;
}

async function windowNow(): Promise<Window> {
  await sleep(EDGE_SECONDS * 1_000);
  const fromSeconds = Date.now() / 1_000;
  await sleep(WINDOW_SECONDS * 1_000);
  return { fromSeconds, toSeconds: Date.now() / 1_000 };
}

async function signalAgents(bench: BenchCluster, signal: "STOP" | "CONT"): Promise<void> {
  const kill = `kill -${signal} $(pgrep -o -f muster-agent.cjs)`;
  await Promise.all(bench.cluster.nodes.map(({ id }) => onNode(bench, id, kill)));
}
