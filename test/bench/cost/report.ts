/** What a process takes in an idle minute. */
export interface Cost {
  readonly name: string;
  readonly rssMb: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** What the programs take that it starts and waits for: its probes. */
  readonly childrenPercent: number;
}

/** Memory beside the bare one's, and CPU time, of a worker and of the head. */
export const COST_GOALS = { ofBare: 1.25, cpuPercent: { worker: 0.1, head: 0.3 } } as const;

/** The goals that are missed, by name. `costs`: the bare one first. */
export function missedCosts([bare, ...costs]: readonly Cost[]): readonly string[] {
  return costs.flatMap(({ name, rssMb, cpuPercent }) => [
    ...(rssMb <= COST_GOALS.ofBare * (bare?.rssMb ?? 0) ? [] : [`cost: ${name}'s memory`]),
    ...(cpuPercent <= cpuGoal(name) ? [] : [`cost: ${name}'s CPU`]),
  ]);
}

const cpuGoal = (name: string): number =>
  name === "head" ? COST_GOALS.cpuPercent.head : COST_GOALS.cpuPercent.worker;

/** A line for each process. */
export function renderCosts(costs: readonly Cost[]): string {
  const [bare] = costs;
  const line = (name: string, ...cells: readonly string[]): string =>
    name.padEnd(28) + cells.map((cell) => cell.padStart(13)).join("");
  return [
    line("an idle minute", "RSS MB", "of bare", "goal", "CPU %", "goal", "probes, %"),
    ...costs.map((cost) =>
      line(
        cost.name,
        cost.rssMb.toFixed(0),
        `${(cost.rssMb / (bare?.rssMb ?? 0)).toFixed(2)}x`,
        cost === bare ? "" : `<= ${COST_GOALS.ofBare}x`,
        cost.cpuPercent.toFixed(2),
        cost === bare ? "" : `<= ${cpuGoal(cost.name)}`,
        cost.childrenPercent.toFixed(2),
      ),
    ),
  ].join("\n");
}
