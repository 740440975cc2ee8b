import { median } from "../report.js";
import type { Delivery, Follow } from "./measure.js";

/** What our rows may cost at most. */
export const LOG_GOALS = { afterEndSeconds: 3, grownMb: 32, lineMs: 250 } as const;

/** The goals that are missed, by name. */
export function missedLogGoals(
  deliveries: readonly Delivery[],
  follows: readonly Follow[],
): readonly string[] {
  const [ours] = deliveries;
  const [follow] = follows;
  const seen = {
    afterEndSeconds: ours?.afterEndSeconds ?? Number.POSITIVE_INFINITY,
    grownMb: ours?.grownMb ?? Number.POSITIVE_INFINITY,
    lineMs: follow === undefined ? Number.POSITIVE_INFINITY : median(follow.lineMs),
  };
  return (Object.keys(LOG_GOALS) as (keyof typeof LOG_GOALS)[]).filter(
    (key) => !(seen[key] <= LOG_GOALS[key]),
  );
}

/** Two small tables, the goal last in each. */
export function renderLogs(deliveries: readonly Delivery[], follows: readonly Follow[]): string {
  const line = (name: string, ...cells: readonly string[]): string =>
    name.padEnd(28) + cells.map((cell) => cell.padStart(16)).join("");
  return [
    line("1 GB of output", "s after the end", "grown MB"),
    ...deliveries.map(({ name, afterEndSeconds, grownMb }) =>
      line(name, afterEndSeconds.toFixed(2), grownMb.toFixed(0)),
    ),
    line("goal", `<= ${LOG_GOALS.afterEndSeconds}`, `<= ${LOG_GOALS.grownMb}`),
    "",
    line("a line, followed live", "median ms", "longest ms"),
    ...follows.map(({ name, lineMs }) =>
      line(name, median(lineMs).toFixed(0), Math.max(...lineMs).toFixed(0)),
    ),
    line("goal", `<= ${LOG_GOALS.lineMs}`),
  ].join("\n");
}
