/** Requests over 32 connections. */
export interface StatusFigures {
  readonly name: string;
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** What /v1/status must do on one core, of a cluster of few nodes. */
export const STATUS_GOALS = { ofHello: 0.5, p99Ms: 10 } as const;

/** The goals that are missed, by name. `figures`: hello first, then a small cluster. */
export function missedStatusGoals([hello, small]: readonly StatusFigures[]): readonly string[] {
  const seen = {
    ofHello: (small?.perSecond ?? 0) / (hello?.perSecond ?? 0) >= STATUS_GOALS.ofHello,
    p99Ms: (small?.p99Ms ?? Number.POSITIVE_INFINITY) <= STATUS_GOALS.p99Ms,
  };
  return (["ofHello", "p99Ms"] as const).filter((key) => !seen[key]).map((key) => `status: ${key}`);
}

/** A line for each; the goal last. */
export function renderStatuses(figures: readonly StatusFigures[]): string {
  const line = (name: string, ...cells: readonly string[]): string =>
    name.padEnd(28) + cells.map((cell) => cell.padStart(14)).join("");
  const hello = figures[0]?.perSecond ?? 0;
  return [
    line("status, 32 connections", "requests/s", "of hello", "p99 ms"),
    ...figures.map(({ name, perSecond, p99Ms }) =>
      line(name, perSecond.toFixed(0), `${(perSecond / hello).toFixed(2)}x`, p99Ms.toFixed(1)),
    ),
    line("goal, few nodes", "", `>= ${STATUS_GOALS.ofHello}x`, `<= ${STATUS_GOALS.p99Ms}`),
  ].join("\n");
}
