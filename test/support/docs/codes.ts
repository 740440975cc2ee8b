import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
/** The programs that set codes. */
const PROGRAMS = ["agent", "provider", "scripts/cli"];

/** The text of every TypeScript source of the programs, by its path, but for the `lists` of codes themselves. */
export function sourcesBut(lists: readonly string[]): ReadonlyMap<string, string> {
  const paths = PROGRAMS.flatMap((program) =>
    readdirSync(join(ROOT, program), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
      .map((file) => `${program}/${file}`),
  );
  const sources = paths.filter((path) => !lists.some((list) => path.startsWith(list)));
  return new Map(sources.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** The codes that no source has as a text. */
export function unusedCodes(codes: readonly string[], sources: ReadonlyMap<string, string>): string[] {
  const texts = [...sources.values()];
  return codes.filter((code) => !texts.some((text) => text.includes(`"${code}"`)));
}

/** The codes that the sources give to what matches `use`, whose first group is the code. */
export function usedCodes(use: RegExp, sources: ReadonlyMap<string, string>): string[] {
  const found = [...sources.values()].flatMap((text) =>
    [...text.matchAll(use)].map(([, code]) => code ?? ""),
  );
  return [...new Set(found)].sort();
}

/** What is wrong with the words of a list's entry: each text is a sentence, or more than one. */
export function wordProblems(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).flatMap(([name, text]) =>
    /^[A-Z/`{].*[.!?]$/s.test(text) || /^(?:mpiexec|terraform) .*\.$/s.test(text) ? [] : [`${name}: ${text}`],
  );
}

/** Lower-case words with hyphens, as phases and probes are. */
export const CODE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
