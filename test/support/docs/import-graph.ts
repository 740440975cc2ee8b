import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** An import of one file of the project by another; both from the project's root. */
export interface FileImport {
  readonly from: string;
  readonly to: string;
}

/** The files that git knows below `folders`, from the project's root. */
export const trackedFiles = (...folders: readonly string[]): readonly string[] =>
  execFileSync("git", ["ls-files", "-z", "--", ...folders], { encoding: "utf8" })
    .split("\0")
    .filter(Boolean);

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** Every import of a file of ours in the TypeScript below `folders`: of values and of types, lazy ones too. */
export function fileImports(...folders: readonly string[]): readonly FileImport[] {
  return trackedFiles(...folders)
    .filter((file) => file.endsWith(".ts"))
    .flatMap((from) =>
      [...readFileSync(from, "utf8").matchAll(SPECIFIER)].map(([, specifier = ""]) => ({
        from,
        to: join(dirname(from), specifier).replace(/\.js$/, ".ts"),
      })),
    );
}

/** `agent/head/`: a folder with all below it. `agent/{main,start}.ts`: files, by name. */
function matcher(part: string): (file: string) => boolean {
  if (part.endsWith("/")) return (file) => file.startsWith(part);
  const [, before = part, names = "", after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(part) ?? [];
  const files = names === "" ? [part] : names.split(",").map((name) => `${before}${name}${after}`);
  return (file) => files.includes(file);
}

/** The imports between parts, `a -> b`, sorted: a file is of the longest part that it matches, and else of none. */
export function partImports(parts: readonly string[], imports: readonly FileImport[]): readonly string[] {
  const byLength = [...parts]
    .sort((a, b) => b.length - a.length)
    .map((part) => [part, matcher(part)] as const);
  const partOf = (file: string) => byLength.find(([, matches]) => matches(file))?.[0];
  const arrows = new Set<string>();
  for (const { from, to } of imports) {
    const [a, b] = [partOf(from), partOf(to)];
    if (a !== undefined && b !== undefined && a !== b) arrows.add(`${a} -> ${b}`);
  }
  return [...arrows].sort();
}
