/** A block of code in a page that is for a shell. */
export interface ShellBlock {
  /** Relative to the project's folder. */
  readonly page: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
  /** `README.md: npx cdktf diff ...`: the page and the block's first line. */
  readonly name: string;
}

const FENCE = /^( *)```(\w*)$/;
const SHELLS = ["shell", "sh", "bash", "console"];
const LIST_ITEM = /^( *)(?:[-*]|\d+\.) +/;

/**
 * The shell blocks of a page, in order: fenced ones that say so, and all that are indented by four more than the text around
 * them. Pure.
 */
export function shellBlocks(page: string, markdown: string): readonly ShellBlock[] {
  const lines = markdown.split("\n");
  const blocks: ShellBlock[] = [];
  let textIndent = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const fence = FENCE.exec(line);
    if (fence !== null) {
      const end = lines.findIndex((other, at) => at > index && other.trim() === "```");
      if (SHELLS.includes(fence[2] ?? "")) blocks.push(blockOf(page, index + 1, lines.slice(index + 1, end)));
      index = end;
    } else if (isIndented(line, textIndent) && (lines[index - 1] ?? "") === "") {
      const rest = lines.slice(index);
      const length = rest.findIndex((other) => other !== "" && !isIndented(other, textIndent));
      const end = length === -1 ? rest.length : length;
      blocks.push(blockOf(page, index, rest.slice(0, end)));
      index += end - 1;
    } else if (line !== "") {
      const item = LIST_ITEM.exec(line);
      if (item !== null) textIndent = item[0].length;
      else if (!line.startsWith(" ")) textIndent = 0;
    }
  }
  return blocks;
}

const isIndented = (line: string, textIndent: number): boolean =>
  line.startsWith(" ".repeat(textIndent + 4)) && line.trim() !== "";

function blockOf(page: string, lineIndex: number, lines: readonly string[]): ShellBlock {
  const indents = lines.filter((line) => line !== "").map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const indent = Math.min(...indents);
  const text = lines
    .map((line) => line.slice(indent))
    .join("\n")
    .trimEnd();
  const [first = ""] = text.split("\n");
  return { page, line: lineIndex + 1, text, name: `${page}: ${first.trim()}` };
}
