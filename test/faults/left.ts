import { existsSync } from "node:fs";
import type { NodeSummary } from "../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../agent/contract/wait.js";
import { waitFor } from "../../scripts/system/wait.js";
import { runInNode } from "../support/run-in-node.js";
import type { FaultCloud } from "./cloud.js";
import { isOn } from "./whole.js";

/** What a job runs as: the job user and the launch user. */
const JOB_UIDS = "1500,1503";
/** How long after the end of everything something may still be there: agents look for strays every 5 s. */
const LEFT_SECONDS = 20;

/** The processes of jobs on these nodes, as "address: arguments", without the agent's own errands, which come and go. */
export async function jobProcesses(cloud: FaultCloud, nodes: readonly NodeSummary[]): Promise<string[]> {
  const ps = ["ps", "-u", JOB_UIDS, "-o", "stat,args", "--no-headers"] as const;
  const lists = nodes
    .filter((node) => isOn(cloud, node))
    .map(async ({ id, address }) => {
      const { stdout } = await runInNode({ cloudName: cloud.name }, id, ps);
      return stdout.split("\n").flatMap((line) => (isOfJob(line) ? [`${address}: ${line.trim()}`] : []));
    });
  return (await Promise.all(lists)).flat();
}

/** A zombie runs no more, nor does what ps shows without arguments: it has given up its memory, as an errand that is just ending. */
const isOfJob = (line: string): boolean =>
  line.trim() !== "" && !line.includes("muster-errand") && !line.startsWith("Z") && !/ \[.+\]$/.test(line);

/** What is there in the end, in words, after the time that it may take to go. */
export async function whatIsLeft(
  cloud: FaultCloud,
  nodes: readonly NodeSummary[],
  records: string,
): Promise<readonly string[]> {
  const look = async (): Promise<readonly string[]> => [
    ...(await jobProcesses(cloud, nodes)),
    ...(existsSync(records) ? [`records ${records}`] : []),
  ];
  try {
    return await waitFor({
      what: "nothing to be left",
      timeoutSeconds: LEFT_SECONDS,
      look,
      isDone: (left) => left.length === 0,
      describe: (left) => left.join(", "),
    });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    return look();
  }
}
