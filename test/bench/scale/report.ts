/** What a head of many simulated nodes did. */
export interface ScaleFigures {
  readonly nodes: number;
  /** From the last node's welcome until the hostfile has them all. */
  readonly joinSeconds: number;
  /** Writes of the registry while they joined: one for each node, and of the cluster's item. */
  readonly joinNodeWrites: number;
  readonly joinClusterWrites: number;
  readonly headMb: number;
  /** In a minute at rest. */
  readonly writesPerMinute: number;
  readonly readsPerMinute: number;
  /** Of one core, at rest. */
  readonly headCpuPercent: number;
  /** From the head's death until another is head, and until all nodes are with it. */
  readonly otherHeadSeconds: number;
  readonly allWithItSeconds: number;
  /** And until the dead one is out of the hostfile, which has all others meanwhile. */
  readonly hostfileSeconds: number;
  /** Attempts to take the lease in the 50 ms in which the first of them is not seen yet. */
  readonly takesAtOnce: number;
  /** Nodes, but for the dead head, that were declared lost. */
  readonly lost: number;
}

/** `writesPerMinute` are the lease's renewals, every 5 s, however many nodes there are. */
export const SCALE_GOALS = {
  joinSeconds: 5,
  headMb: 150,
  writesPerMinute: 15,
  allWithItSeconds: 20,
  lost: 0,
} as const;

/** The goals that are missed, by name. */
export const missedScaleGoals = (figures: ScaleFigures): readonly string[] =>
  (Object.keys(SCALE_GOALS) as (keyof typeof SCALE_GOALS)[])
    .filter((key) => !(figures[key] <= SCALE_GOALS[key]))
    .map((key) => `scale: ${key}`);

/** A line for each figure, with its goal where it has one. */
export function renderScale(figures: ScaleFigures): string {
  const line = (name: string, value: string, goal: string | number = ""): string =>
    `${name.padEnd(52)}${value.padStart(10)}${goal === "" ? "" : `<= ${goal}`.padStart(12)}`;
  const { nodes, joinSeconds, joinNodeWrites, joinClusterWrites, headMb, takesAtOnce, lost } = figures;
  return [
    `${`scale, ${nodes} simulated nodes, one head`.padEnd(52)}${"".padStart(10)}${"goal".padStart(12)}`,
    line("last hello to the whole hostfile, s", joinSeconds.toFixed(1), SCALE_GOALS.joinSeconds),
    line("writes while joining: of nodes, one each", String(joinNodeWrites)),
    line("writes while joining: of the cluster", String(joinClusterWrites)),
    line("head's memory, MB", headMb.toFixed(0), SCALE_GOALS.headMb),
    line("head's CPU at rest, % of a core", figures.headCpuPercent.toFixed(1)),
    line("writes a minute at rest", figures.writesPerMinute.toFixed(0), SCALE_GOALS.writesPerMinute),
    line("reads a minute at rest", figures.readsPerMinute.toFixed(0)),
    line("head killed: another head, s", figures.otherHeadSeconds.toFixed(1)),
    line(
      "head killed: all nodes with it, s",
      figures.allWithItSeconds.toFixed(1),
      SCALE_GOALS.allWithItSeconds,
    ),
    line("head killed: the dead one out of the hostfile, s", figures.hostfileSeconds.toFixed(1)),
    line("head killed: attempts to take the lease at once", String(takesAtOnce)),
    line("head killed: other nodes declared lost", String(lost), SCALE_GOALS.lost),
  ].join("\n");
}
