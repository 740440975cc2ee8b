import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";

/** Phrases that have a plainer replacement and no other use here, whatever stands around them. */
const PHRASES: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bin vain\b/, "timed out; without success"],
  [/\bbe had\b/, "available"],
  [/\bas (it|they) should be\b/, "correct; all checks passed"],
  [/\bwho(m?)ever\b/, "any user who; a process that; the node that"],
  [/\bnobody's\b/, "without an owner"],
  [/\b(told to|tells) nobody\b/, "never shown"],
  [/\bat (least|most) so\b/, "at least this many; at most this many"],
  [/\bgives? way\b/, "steps down; is preferred for"],
  [/\bblot(s|ted|ting)?\b/, "redact"],
  [/\bfor ever\b/, "forever"],
  [/\bnoughts?\b/, "zero"],
  [/\bat the least\b/, "at least"],
  [/\bevery so often\b/, "periodically"],
  [/\bif need be\b/, "if needed"],
  [/\bunusable arguments\b/, "invalid arguments"],
];

const ROOT = resolve(__dirname, "../../..");
const FOLDERS = ["agent", "docs", "examples", "provider", "scripts", "stacks"];
const TEXT = /(\.(ts|cjs|sh|py|md|tf|tftpl|yaml|service|conf)|\/[a-z0-9-]+)$/;

const problemsIn = (file: string, text: string): readonly string[] =>
  text.split("\n").flatMap((line, index) =>
    PHRASES.flatMap(([phrase, instead]) => {
      const found = new RegExp(phrase, "i").exec(line)?.[0];
      return found === undefined ? [] : [`${file}:${index + 1}: "${found}"; write: ${instead}`];
    }),
  );

describe("plain English", () => {
  test("the sources' texts and comments, and the docs, use no phrase of the list", () => {
    const pages = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
    const inFolders = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
    );
    const files = [...pages, ...inFolders].filter((file) => TEXT.test(file));
    expect(files.length).toBeGreaterThan(400);
    expect(files.flatMap((file) => problemsIn(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  });

  test("a phrase is found in any case, with its place and its replacement", () => {
    expect(problemsIn("a.ts", '// Fine.\nsay("NOT AS IT SHOULD BE");')).toEqual([
      'a.ts:2: "AS IT SHOULD BE"; write: correct; all checks passed',
    ]);
  });
});
