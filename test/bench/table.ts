import { type Goal, isMet, missedOf, type Row, ratioOf, type Unit } from "./row.js";

/** How a part went. */
export interface PartRun {
  readonly part: string;
  readonly seconds: number;
  /** The machine's load (of one minute) when it began: above the number of cores, times are not the programs' own. */
  readonly loadBefore: number;
  /** Why there are no rows of it; null: there are. */
  readonly leftOut: string | null;
}

/** Where it ran. */
export interface Machine {
  readonly cores: number;
  readonly memoryGib: number;
  readonly processor: string;
  readonly node: string;
}

/** All that one run has measured. */
export interface Report {
  readonly machine: Machine;
  /** When it began. */
  readonly at: Date;
  /** Whether its sizes are those that only show that each part runs. */
  readonly isSmall: boolean;
  readonly parts: readonly PartRun[];
  readonly rows: readonly Row[];
}

/** Of a run: 0 where each goal is met and each part has run, else 1. The goals of a small one don't count. */
export const exitCodeOf = ({ isSmall, parts, rows }: Report): number =>
  parts.every(({ leftOut }) => leftOut === null) && (isSmall || missedOf(rows).length === 0) ? 0 : 1;

const HEADINGS = ["what", "ours", "beside", "", "ratio", "goal", "met"] as const;
/** The columns that hold words; the others hold figures. */
const WORDS = [0, 2];

/** The table: a heading for each part, a line for each row, and what there is to say about the run. */
export function renderTable(report: Report): string {
  const cells = report.rows.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        WORDS.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const body = report.rows.flatMap((row, index) => [
    ...(row.part === report.rows[index - 1]?.part ? [] : ["", `${row.part}:`]),
    line(cells[index] ?? []),
  ]);
  return [line(HEADINGS), ...body, "", ...remarks(report)].join("\n");
}

/** A row by itself. */
export const renderRow = (row: Row): string =>
  cellsOf(row)
    .filter((cell) => cell !== "")
    .join("  ");

function remarks({ machine, at, isSmall, parts, rows }: Report): readonly string[] {
  const loads = parts.map(({ loadBefore }) => loadBefore);
  const missed = missedOf(rows);
  return [
    `${at.toISOString().slice(0, 16)}Z, ${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, ` +
      `Node.js ${machine.node}, load ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
    ...parts.flatMap(({ part, leftOut }) => (leftOut === null ? [] : [`${part} is left out: ${leftOut}`])),
    ...(isSmall ? ["Small sizes: the figures only show that each part runs."] : []),
    missed.length === 0 ? "Every goal is met." : `Missed: ${missed.join("; ")}`,
  ];
}

function cellsOf(row: Row): readonly string[] {
  const { what, unit, ours, beside, goal } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    what,
    figure(ours, unit),
    beside?.name ?? "",
    beside === undefined ? "" : figure(beside.value, unit),
    ratio === null ? "" : `${short(ratio)}x`,
    goal === undefined ? "" : goalText(goal, unit),
    met === null ? "" : met ? "yes" : "NO",
  ];
}

const goalText = ({ of, is, limit }: Goal, unit: Unit): string =>
  `${is} ${of === "ratio" ? `${limit}x` : `${limit} ${unit}`.trimEnd()}`;

const figure = (value: number, unit: Unit): string => `${short(value)} ${unit}`.trimEnd();

/** Three digits that count. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

/** The same as one JSON object. What could not be measured is null. */
export const toJson = (report: Report): string =>
  JSON.stringify({
    ...report,
    rows: report.rows.map((row) => ({
      part: row.part,
      what: row.what,
      unit: row.unit,
      ours: row.ours,
      beside: row.beside ?? null,
      ratio: ratioOf(row),
      goal: row.goal ?? null,
      isMet: isMet(row),
    })),
    missed: missedOf(report.rows),
  });
