import { WaitTimeoutError } from "../../agent/contract/wait.js";
import { waitFor } from "../../scripts/system/wait.js";
import type { FaultCloud } from "./cloud.js";
import type { Fault, Injector } from "./fault.js";
import { jobProcesses } from "./left.js";

/** From the head's loss, or from the cut, to the last rank's end. */
const ENDED_SECONDS = 5;
const LONGEST_SECONDS = 15;

/** What is wrong with how the job's ranks ended on the other node than the head, in words. Waits until they have. */
export async function rankProblems(
  { endsRanks = false }: Fault,
  into: Injector,
  cloud: FaultCloud,
  struckAtMs: number,
): Promise<readonly string[]> {
  if (!endsRanks) return [];
  const node = into.node("worker");
  try {
    await waitFor({
      what: `the ranks on ${node.address} to end`,
      timeoutSeconds: LONGEST_SECONDS,
      everyMs: 100,
      look: () => jobProcesses(cloud, [node]),
      isDone: (running) => running.length === 0,
      describe: (running) => running.join(", "),
    });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    return [error.message];
  }
  const seconds = (Date.now() - struckAtMs) / 1_000;
  return seconds <= ENDED_SECONDS
    ? []
    : [`the ranks on ${node.address} ended after ${seconds.toFixed(1)} s, not within ${ENDED_SECONDS} s`];
}
