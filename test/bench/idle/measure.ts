import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchCluster, headAndWorker, onNode } from "../launch/cluster.js";
import { messageOf, startProgram } from "../logs/children.js";
import type { Sizes } from "../sizes.js";

/** What a process takes while it has nothing to do. */
interface Cost {
  readonly rssMb: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** What the programs take that it starts and waits for: its probes. */
  readonly childrenPercent: number;
}

/** The agents', and their peers': a bare Node.js with fastify; slurmd on the worker, null where there is no Slurm. */
export interface IdleCosts {
  readonly worker: Cost;
  readonly head: Cost;
  readonly bare: Cost;
  readonly slurmd: Cost | null;
}

const TICKS_PER_SECOND = 100;

/** A process as /proc shows it. */
interface Seen {
  readonly rssMb: number;
  /** CPU time of its own, and of the children that it has waited for. */
  readonly cpuSeconds: number;
  readonly childrenSeconds: number;
}

/** The oldest process whose command line matches. */
const seeInNode =
  (bench: BenchCluster, id: string, pattern: string): (() => Promise<Seen>) =>
  async () =>
    parse(
      await onNode(bench, id, `pid=$(pgrep -o -f '${pattern}'); cat /proc/$pid/stat; cat /proc/$pid/status`),
    );

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

/**
 * All in the same seconds, on a cluster without a job. The first minutes after a start or a job are not idle: what was compiled, loaded
 * and allocated for it is still there, and the head is not at rest.
 */
export async function measureIdle(
  bench: BenchCluster,
  hasSlurm: boolean,
  { settleSeconds, idleSeconds }: Pick<Sizes, "settleSeconds" | "idleSeconds">,
  work: string,
): Promise<IdleCosts> {
  const { head, worker } = headAndWorker(bench);
  const hello = await startProgram("../status/hello-process", work);
  try {
    await messageOf(hello);
    const looks = [
      () => seeProcess(hello.pid),
      seeInNode(bench, worker.id, "muster-agent.cjs"),
      seeInNode(bench, head.id, "muster-agent.cjs"),
      ...(hasSlurm ? [seeInNode(bench, worker.id, "slurmd -N")] : []),
    ];
    await sleep(settleSeconds * 1_000);
    const before = await Promise.all(looks.map((look) => look()));
    await sleep(idleSeconds * 1_000);
    const after = await Promise.all(looks.map((look) => look()));
    const costOf = (index: number): Cost => cost(before[index], after[index], idleSeconds);
    return { bare: costOf(0), worker: costOf(1), head: costOf(2), slurmd: hasSlurm ? costOf(3) : null };
  } finally {
    hello.kill("SIGKILL");
  }
}

function cost(before: Seen | undefined, after: Seen | undefined, seconds: number): Cost {
  if (before === undefined || after === undefined) throw new Error("A process was not seen.");
  const percent = (key: "cpuSeconds" | "childrenSeconds"): number =>
    (100 * (after[key] - before[key])) / seconds;
  return {
    rssMb: after.rssMb,
    cpuPercent: percent("cpuSeconds"),
    childrenPercent: percent("childrenSeconds"),
  };
}
