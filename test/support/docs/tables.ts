/** The rows of all tables below a heading (`## Clusters`), up to the next one of that level or higher; each row's cells without their blanks. */
export function tableRows(markdown: string, heading: string): readonly (readonly string[])[] {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const lines = markdown.split("\n");
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`no heading "${heading}"`);
  const end = lines.findIndex(
    (line, index) => index > start && (/^(#+) /.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY) <= level,
  );
  const rows = lines
    .slice(start + 1, end === -1 ? undefined : end)
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  // A table's first two lines are its titles and the line below them.
  const isRule = (cells: readonly string[] = [""]): boolean => cells.every((cell) => /^-+$/.test(cell));
  return rows.filter((cells, index) => !isRule(cells) && !isRule(rows[index + 1]));
}

/** What stands in backticks in a cell, in order. */
export const quotedIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

/** The anchor that GitHub gives a heading's text. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
