import type { NodeSummary } from "../../agent/contract/registry.js";
import { clock } from "../../scripts/system/wait.js";
import type { FaultCloud } from "./cloud.js";
import { jobProcesses } from "./left.js";
import { isOn } from "./whole.js";

const WATCH_MS = 60_000;
const LOOK_MS = 250;

/**
 * Looks at these nodes, of which one comes back, until all are ready and nothing of a job is on them; says where one was ready while
 * something was. One whose power is off does not come back.
 */
export async function watchRejoin(
  cloud: FaultCloud,
  nodes: readonly NodeSummary[],
): Promise<readonly string[]> {
  const unclean = new Set<string>();
  const untilMs = clock.monotonicMs() + WATCH_MS;
  while (clock.monotonicMs() < untilMs) {
    const cluster = await cloud.look();
    const ready = nodes.filter(({ id }) => isReady(cluster.nodes, id));
    // After the look at the cluster: what is there now was there when it was called ready.
    const there = await jobProcesses(cloud, nodes);
    for (const { address } of ready) {
      const first = there.find((line) => line.startsWith(`${address}: `));
      if (first !== undefined) unclean.add(`was ready with a process of the job: ${first.slice(0, 120)}`);
    }
    const back = nodes.filter((node) => isOn(cloud, node));
    if (back.every(({ id }) => isReady(cluster.nodes, id)) && there.length === 0) break;
    await clock.sleep(LOOK_MS);
  }
  return [...unclean];
}

const isReady = (nodes: readonly NodeSummary[], wanted: string): boolean =>
  nodes.some(({ id, failingProbes }) => id === wanted && failingProbes.length === 0);
