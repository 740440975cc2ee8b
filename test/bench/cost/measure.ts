import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { messageOf, startProgram } from "../logs/children.js";
import type { Cost } from "./report.js";

/** The first minutes are not idle: what was compiled, loaded and allocated for the start is still there, and the head is not at rest. */
const SETTLE_SECONDS = 75;
const MEASURE_SECONDS = 60;
const TICKS_PER_SECOND = 100;

/** A process as /proc shows it. */
interface Seen {
  readonly rssMb: number;
  /** CPU time of its own, and of the children that it has waited for. */
  readonly cpuSeconds: number;
  readonly childrenSeconds: number;
}

const AGENT = `pid=$(pgrep -o -f muster-agent.cjs) && cat /proc/$pid/stat && cat /proc/$pid/status`;

async function seeAgent(cloudName: string, id: string): Promise<Seen> {
  const { argv, env } = inNode(cloudPlaces(cloudName), id, ["/bin/sh", "-c", AGENT]);
  const [program, ...args] = argv;
  return parse((await promisify(execFile)(program, args, { env, timeout: 20_000 })).stdout);
}

const seeProcess = async (pid: number | undefined): Promise<Seen> =>
  parse((await readFile(`/proc/${pid}/stat`, "utf8")) + (await readFile(`/proc/${pid}/status`, "utf8")));

function parse(text: string): Seen {
  const fields = text.slice(text.indexOf(") ") + 2).split(" ");
  const ticks = (from: number): number => Number(fields[from]) + Number(fields[from + 1]);
  return {
    rssMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1_024,
    cpuSeconds: ticks(11) / TICKS_PER_SECOND,
    childrenSeconds: ticks(13) / TICKS_PER_SECOND,
  };
}

/** What the agents of a cluster without a job take in a minute, beside a bare node with fastify in the same minute. */
export async function measureCost(
  {
    cloudName,
    headInstanceId,
    nodes,
  }: Pick<ObservedCluster, "headInstanceId" | "nodes"> & { readonly cloudName: string },
  work: string,
): Promise<readonly Cost[]> {
  const worker = nodes.find(({ id }) => id !== headInstanceId)?.id;
  if (worker === undefined || headInstanceId === null)
    throw new Error("The cluster has no head, or no worker.");
  const hello = await startProgram("../status/hello-process", work);
  try {
    await messageOf(hello);
    const looks: readonly (readonly [string, () => Promise<Seen>])[] = [
      ["bare node + fastify", () => seeProcess(hello.pid)],
      ["worker", () => seeAgent(cloudName, worker)],
      ["head", () => seeAgent(cloudName, headInstanceId)],
    ];
    await sleep(SETTLE_SECONDS * 1_000);
    const before = await Promise.all(looks.map(([, look]) => look()));
    await sleep(MEASURE_SECONDS * 1_000);
    const after = await Promise.all(looks.map(([, look]) => look()));
    const percent = (of: keyof Seen, index: number): number =>
      (100 * ((after[index]?.[of] ?? 0) - (before[index]?.[of] ?? 0))) / MEASURE_SECONDS;
    return looks.map(([name], index) => ({
      name,
      rssMb: after[index]?.rssMb ?? Number.NaN,
      cpuPercent: percent("cpuSeconds", index),
      childrenPercent: percent("childrenSeconds", index),
    }));
  } finally {
    hello.kill("SIGKILL");
  }
}
