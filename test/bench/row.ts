/** What a figure counts: milliseconds, seconds, megabytes, percent of one core, percent of the peer, a number each second, or things. */
export type Unit = "ms" | "s" | "MB" | "% of a core" | "%" | "/s" | "";

/** A figure of the same kind, taken in the same run: a peer's, or a limit that was computed from what the run has measured. */
interface Beside {
  readonly name: string;
  readonly value: number;
}

/** What is to be reached: by our own figure, or by how many times it is the one beside it. */
export interface Goal {
  readonly of: "ours" | "ratio";
  readonly is: "<=" | ">=";
  readonly limit: number;
}

/** A line of the table, as a part measures it. */
export interface Measured {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: number;
  readonly beside?: Beside;
  readonly goal?: Goal;
}

/** A line of the table. */
export interface Row extends Measured {
  /** The part that has measured it. */
  readonly part: string;
}

export const atMost = (limit: number): Goal => ({ of: "ours", is: "<=", limit });
export const timesAtMost = (limit: number): Goal => ({ of: "ratio", is: "<=", limit });
export const timesAtLeast = (limit: number): Goal => ({ of: "ratio", is: ">=", limit });

/** How many times the figure beside it ours is; null where there is none. */
export const ratioOf = ({ ours, beside }: Measured): number | null =>
  beside === undefined ? null : ours / beside.value;

/** Null: there is no goal. What could not be measured (NaN) has missed it. */
export function isMet(row: Measured): boolean | null {
  const { goal } = row;
  if (goal === undefined) return null;
  const value = goal.of === "ours" ? row.ours : (ratioOf(row) ?? Number.NaN);
  return goal.is === "<=" ? value <= goal.limit : value >= goal.limit;
}

/** "part: what" of each that has missed its goal. */
export const missedOf = (rows: readonly Row[]): readonly string[] =>
  rows.filter((row) => isMet(row) === false).map(({ part, what }) => `${part}: ${what}`);
