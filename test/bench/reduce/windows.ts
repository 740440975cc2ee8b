import { median } from "../median.js";

/** A time in Unix seconds, and how many Allreduces there were until then. */
export type Count = readonly [atSeconds: number, count: number];

/** From the one to the other, in Unix seconds, the agents ran or were stopped. */
export interface Window {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Allreduces a second within a window. Fails where there are no two counts in it. */
export function rateIn(counts: readonly Count[], { fromSeconds, toSeconds }: Window): number {
  const within = counts.filter(([at]) => at >= fromSeconds && at <= toSeconds);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last[0] === first[0])
    throw new Error("A window without two counts.");
  return (last[1] - first[1]) / (last[0] - first[0]);
}

/** By how many percent it is slower while the agents run: the median of pairs of neighbours. */
export const slowDownPercent = (
  counts: readonly Count[],
  pairs: readonly { readonly running: Window; readonly stopped: Window }[],
): number =>
  median(pairs.map(({ running, stopped }) => 100 * (1 - rateIn(counts, running) / rateIn(counts, stopped))));
