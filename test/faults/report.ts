import type { Expected, Row, State } from "./fault.js";

type Outcome = Pick<Row, "status" | "reasonCode" | "attempts" | "seconds" | "left">;

/** What of an outcome is not as expected, in words. Pure. */
export function differences(row: Outcome, expected: Expected): readonly string[] {
  const { status, reasonCodes, withinSeconds, attempts = 1 } = expected;
  return [
    ...(row.status === status ? [] : [`it is ${row.status}, not ${status}`]),
    ...(reasonCodes.includes(row.reasonCode)
      ? []
      : [`its reason code is ${row.reasonCode}, not ${reasonCodes.join(" or ")}`]),
    ...(row.attempts === attempts ? [] : [`it had ${row.attempts} attempts, not ${attempts}`]),
    // An unknown time is a difference too.
    ...(withinSeconds === null || row.seconds <= withinSeconds
      ? []
      : [`it ended after ${row.seconds.toFixed(1)} s, not within ${withinSeconds} s`]),
    ...row.left.map((what) => `left behind: ${what}`),
  ];
}

function verdictOf({ differs, notRun }: Row): string {
  if (notRun) return "not run";
  return differs.length === 0 ? "ok" : "differs";
}

/** A row without an outcome. Pure. */
export const emptyRow = (fault: string, state: State): Row => ({
  ...{ fault, state, status: "-", reasonCode: null, reason: null, attempts: 0, seconds: Number.NaN },
  ...{ left: [], differs: [] },
});

const HEADINGS = ["Fault", "State", "End", "Reason code", "Seconds", "Attempts", "Left", ""] as const;

const countOf = (left: readonly string[]): string => `${left.length} thing${left.length === 1 ? "" : "s"}`;

/** The matrix as a table, a row a fault; below each row what differs. Pure. */
export function renderRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.fault,
    row.state,
    row.status,
    row.reasonCode ?? "-",
    Number.isNaN(row.seconds) ? "-" : row.seconds.toFixed(1),
    String(row.attempts),
    row.left.length === 0 ? "nothing" : countOf(row.left),
    verdictOf(row),
  ]);
  const table = [[...HEADINGS], ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const below = (row: Row | undefined): string[] => row?.differs.map((what) => `    ${what}`) ?? [];
  return [line(HEADINGS), ...cells.flatMap((row, index) => [line(row), ...below(rows[index])])].join("\n");
}
