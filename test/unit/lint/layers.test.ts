import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { BROKEN, GLOBALS, SOUND } from "../../support/lint/rows.js";

/** What was said of a file: by which of biome.json's patterns, counted from 0, or null; and the words. */
interface Finding {
  readonly pattern: number | null;
  readonly message: string;
}

interface Override {
  readonly linter?: {
    rules: { style?: { noRestrictedImports?: { options: { patterns: { message: string }[] } } } };
  };
}

/** The project's configuration, in which each pattern's message begins with its number; and how many there are. */
function numberedConfig(): { readonly text: string; readonly count: number } {
  const config = JSON.parse(readFileSync("biome.json", "utf8")) as { overrides: Override[] };
  const patterns = config.overrides.flatMap(
    ({ linter }) => linter?.rules.style?.noRestrictedImports?.options.patterns ?? [],
  );
  for (const [index, pattern] of patterns.entries()) pattern.message = `${index} ${pattern.message}`;
  return { text: JSON.stringify(config), count: patterns.length };
}

/** What the linter says of each file, in one run over a tree that holds just these and the project's configuration. */
function lint(files: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Finding[]> {
  const root = mkdtempSync(join(tmpdir(), "muster-lint-"));
  try {
    copyFileSync(".gitignore", join(root, ".gitignore"));
    writeFileSync(join(root, "biome.json"), numberedConfig().text);
    for (const [path, text] of files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const rules = ["noRestrictedImports", "noRestrictedGlobals"].map((rule) => `--only=style/${rule}`);
    const flags = [...rules, "--reporter=github", "--max-diagnostics=none"];
    const { stdout } = spawnSync(resolve("node_modules/.bin/biome"), ["lint", ...flags, "."], {
      cwd: root,
      encoding: "utf8",
    });
    return readFindings(stdout, root, [...files.keys()]);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function readFindings(output: string, root: string, paths: readonly string[]) {
  const findings = new Map<string, Finding[]>(paths.map((path) => [path, []]));
  for (const [, path = "", said = ""] of output.matchAll(
    /^::\w+ title=lint\/style\/.*?,file=(.*?),line.*?::(.*)$/gm,
  )) {
    const [, pattern, message = said] = /^(\d+) (.*)$/.exec(said) ?? [];
    const finding = { pattern: pattern === undefined ? null : Number(pattern), message };
    findings.get(path.replace(`${root}/`, ""))?.push(finding);
  }
  return findings;
}

/** The file of a row: one of its own in a folder, or the one that the row names, which rows then share. */
const fileOf = (place: string, row: number): string =>
  place.endsWith("/") ? `${place}row-${row}.ts` : place;

/** Lints a file for each row: `text` is what it holds. */
function lintRows(
  rows: readonly (readonly [place: string, use: string, ...rest: string[]])[],
  text: (use: string) => string,
) {
  const files = new Map<string, string>();
  for (const [row, [place, use]] of rows.entries()) {
    const path = fileOf(place, row);
    files.set(path, `${files.get(path) ?? ""}${text(use)}`);
  }
  return lint(files);
}
const importOf = (specifier: string): string => `import ${JSON.stringify(specifier)};\n`;
const useOf = (name: string): string => `export const used = ${name};\n`;

describe("who may import what", () => {
  let broken: ReturnType<typeof lintRows>;
  let sound: ReturnType<typeof lintRows>;
  let globals: ReturnType<typeof lintRows>;
  beforeAll(() => {
    broken = lintRows(BROKEN, importOf);
    sound = lintRows(SOUND, importOf);
    globals = lintRows(GLOBALS, useOf);
  });
  const said = (findings: typeof broken, place: string, row: number) =>
    (findings.get(fileOf(place, row)) ?? []).map(({ message }) => message);

  test.each(BROKEN.map((row, index) => [...row, index] as const))(
    "%s must not import %s: %s",
    (place, _use, message, row) => {
      expect(said(broken, place, row)).toContain(message);
    },
  );

  test.each(SOUND.map((row, index) => [...row, index] as const))("%s may import %s", (place, _use, row) => {
    expect(said(sound, place, row)).toEqual([]);
  });

  test.each(GLOBALS.map((row, index) => [...row, index] as const))(
    "%s must not use %s",
    (place, name, row) => {
      expect(said(globals, place, row)).toEqual([`Do not use the global variable ${name}.`]);
    },
  );

  test("each rule of biome.json is broken here", () => {
    const seen = new Set([...broken.values()].flat().map(({ pattern }) => pattern));
    const all = Array.from({ length: numberedConfig().count }, (_, index) => index);
    expect(all.filter((pattern) => !seen.has(pattern))).toEqual([]);
  });
});
