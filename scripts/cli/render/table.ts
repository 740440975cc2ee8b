const LONGEST_CELL = 60;
/** How many rows a table's columns are laid out by, where they come as they are read. */
const ROWS_AHEAD = 1_000;
/** Lines that are printed at once. */
const CHUNK = 200;

/** Columns of one width each, headings first; long cells are cut. Nothing if there are no rows. Pure. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const all = [headings, ...rows];
  const widths = widthsOf(all);
  return all.map((row) => renderRow(row, widths));
}

/**
 * As renderTable, of rows as they are read: lines by some hundreds. The first thousand say how wide the columns are, for no more are held; a wider
 * cell below them moves what is right of it.
 */
export async function* renderTableAhead(
  headings: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  let widths: readonly number[] | null = null;
  let held: (readonly string[])[] = [];
  const taken = (): readonly string[] => {
    const first = widths === null ? [headings] : [];
    const all = [...first, ...held];
    const laidOut = widths ?? widthsOf(all);
    widths = laidOut;
    held = [];
    return all.map((row) => renderRow(row, laidOut));
  };
  for await (const row of rows) {
    held.push(row);
    if (held.length >= (widths === null ? ROWS_AHEAD : CHUNK)) yield taken();
  }
  if (held.length > 0) yield taken();
}

const widthsOf = (rows: readonly (readonly string[])[]): readonly number[] => {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, cut(cell).length);
  return widths;
};

const renderRow = (row: readonly string[], widths: readonly number[]): string =>
  row
    .map((cell, column) => cut(cell).padEnd(widths[column] ?? 0))
    .join("  ")
    .trimEnd();

const cut = (text: string): string =>
  text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 3)}...`;
