import { median } from "../report.js";

/** How much of bare mpiexec a job may take to its last rank, whichever way it came. */
export const LAUNCH_GOAL_RATIO = 1.3;

/** Milliseconds to the last rank's start, of each way; the peers are `bare` and, where it runs, `srun`. */
export interface LaunchFigures {
  readonly bare: readonly number[];
  readonly ways: Readonly<Record<string, readonly number[]>>;
  readonly peers: Readonly<Record<string, readonly number[]>>;
}

/** Jobs that were submitted at once. */
export interface QueueFigures {
  readonly jobs: number;
  readonly jobsPerSecond: number;
  /** From the last rank's start of one to the first of the next: the median. */
  readonly gapMs: number;
}

/** The ways whose median is over the goal, each as "launch: <way>". */
export function missedLaunches({ bare, ways }: LaunchFigures): readonly string[] {
  const mostMs = LAUNCH_GOAL_RATIO * median(bare);
  return Object.entries(ways)
    .filter(([, launches]) => median(launches) > mostMs)
    .map(([way]) => `launch: ${way}`);
}

/** A line for each way: median, least, most, and how many times bare mpiexec's median. */
export function renderLaunches(figures: LaunchFigures, nodes: number): string {
  const { bare, ways, peers } = figures;
  const bareMs = median(bare);
  const line = (name: string, launches: readonly number[], goal: string): string =>
    name.padEnd(28) +
    [
      `${median(launches).toFixed(0)} ms`,
      `${Math.min(...launches).toFixed(0)}-${Math.max(...launches).toFixed(0)}`,
      `${(median(launches) / bareMs).toFixed(2)}x`,
      goal,
    ]
      .map((cell) => cell.padStart(12))
      .join("");
  return [
    `${`launch, ${nodes} nodes, ${bare.length} runs`.padEnd(28)}      median         all    of bare        goal`,
    line("bare mpiexec", bare, ""),
    ...Object.entries(peers).map(([name, launches]) => line(name, launches, "")),
    ...Object.entries(ways).map(([name, launches]) => line(name, launches, `<= ${LAUNCH_GOAL_RATIO}x`)),
  ].join("\n");
}

/** From the first ranks' and last ranks' starts of jobs that ran one after the other, in Unix milliseconds. */
export function queueFigures(
  jobs: readonly { readonly sentAtMs: number; readonly firstRankMs: number; readonly lastRankMs: number }[],
): QueueFigures {
  const inOrder = [...jobs].sort((a, b) => a.firstRankMs - b.firstRankMs);
  const gaps = inOrder
    .slice(1)
    .map(({ firstRankMs }, index) => firstRankMs - (inOrder[index]?.lastRankMs ?? 0));
  const fromMs = Math.min(...jobs.map(({ sentAtMs }) => sentAtMs));
  const toMs = Math.max(...jobs.map(({ lastRankMs }) => lastRankMs));
  return { jobs: jobs.length, jobsPerSecond: (jobs.length * 1000) / (toMs - fromMs), gapMs: median(gaps) };
}

/** A line for each queue. */
export const renderQueues = (queues: Readonly<Record<string, QueueFigures>>): string =>
  [
    `${"queue, submitted at once".padEnd(28)}        jobs      jobs/s      gap ms`,
    ...Object.entries(queues).map(
      ([name, { jobs, jobsPerSecond, gapMs }]) =>
        name.padEnd(28) +
        [String(jobs), jobsPerSecond.toFixed(2), gapMs.toFixed(0)].map((cell) => cell.padStart(12)).join(""),
    ),
  ].join("\n");
