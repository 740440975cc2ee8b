/** The most that an acceptance may take. */
export interface Ceiling {
  readonly hours: number;
  readonly usd: number;
}

/** How much of `muster cost --json` is looked at. */
interface CostDocument {
  readonly items: readonly {
    readonly cluster: string | null;
    readonly what: string;
    readonly count: number;
    readonly usdPerHour: number | null;
  }[];
  readonly usdPerHour: number | null;
}

/** The teardown has this long after the ceiling has ended the steps, so that all of it stays below the ceiling. */
const TEARDOWN_HOURS = 0.5;
const HOUR_MS = 3_600_000;

/**
 * USD an hour with all nodes running: what muster.yaml costs, and `more` nodes that `muster cost` does not count (notebooks, the builder of the
 * image), each at the price of the dearest. Null: a price is not known. Pure.
 */
export function hourlyUsd({ items, usdPerHour }: CostDocument, more: number): number | null {
  if (usdPerHour === null) return null;
  const nodes = items.filter(({ cluster, what }) => cluster !== null && what.endsWith(" nodes"));
  const dearest = Math.max(0, ...nodes.map(({ usdPerHour: usd, count }) => (usd ?? 0) / count));
  return usdPerHour + more * dearest;
}

/** What the whole ceiling may cost: the least of both limits, in USD. Pure. */
export const usdAtMost = ({ hours, usd }: Ceiling, usdPerHour: number): number =>
  Math.min(usd, hours * usdPerHour);

/** After how long the steps end, in ms, so that the teardown fits below the ceiling. 0: nothing fits. Pure. */
export function stepsMs({ hours, usd }: Ceiling, usdPerHour: number): number {
  const byUsd = usdPerHour > 0 ? usd / usdPerHour : hours;
  return Math.max(0, Math.floor((Math.min(hours, byUsd) - TEARDOWN_HOURS) * HOUR_MS));
}

/** Why steps that fit nowhere are not begun. Pure. */
export const tooLow = ({ hours, usd }: Ceiling, usdPerHour: number): string =>
  `A ceiling of ${hours} h and ${usd} USD leaves no time: the teardown alone gets ${TEARDOWN_HOURS} h, and an hour costs ${usdPerHour.toFixed(2)} USD. Give more (--max-hours, --max-usd).`;
