import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { REASONS } from "../../../agent/contract/reasons.js";
import { ERRORS } from "../../../agent/errors.js";
import { DIAGNOSTICS } from "../../../provider/core/diagnostic-codes.js";
import { ACCOUNT_PROBLEMS } from "../../../scripts/cli/core/account-problems.js";
import { EXITS } from "../../../scripts/cli/core/exit.js";
import { anchorOf, quotedIn, tableRows } from "../../support/docs/tables.js";

const DOCS = resolve(__dirname, "../../../docs");
const read = (page: string): string => readFileSync(resolve(DOCS, page), "utf8");
const guide = read("guides/troubleshooting.md");

const LISTS = {
  "reason-codes": Object.keys(REASONS),
  "provider-diagnostics": Object.keys(DIAGNOSTICS),
  "agent-errors": Object.keys(ERRORS),
  "account-problems": Object.keys(ACCOUNT_PROBLEMS),
  "exit-statuses": Object.values(EXITS).map(({ status }) => String(status)),
} as const;

/** The codes of a reference page that a reader comes to by the guide's links. */
function reachable(name: string): readonly string[] {
  const page = read(`reference/${name}.md`);
  const linked = [...guide.matchAll(new RegExp(`\\(\\.\\./reference/${name}\\.md#([^)]+)\\)`, "g"))].map(
    ([, anchor]) => anchor,
  );
  return [...page.matchAll(/^## (.+)$/gm)]
    .map(([, heading = ""]) => heading)
    .filter((heading) => linked.includes(anchorOf(heading)))
    .flatMap((heading) => tableRows(page, `## ${heading}`))
    .flatMap(([code = ""]) => quotedIn(code));
}

describe("the guide to troubleshooting", () => {
  test.each(Object.entries(LISTS))("leads to every code of %s", (name, codes) => {
    expect([...codes].sort()).toEqual([...reachable(name)].sort());
  });

  test("names no code that there is not", () => {
    const known: readonly string[] = [...Object.values(LISTS).flat(), "..."];
    const rows = guide.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| What"));
    const seen = rows.flatMap((row) => quotedIn(row.split(" | ")[0] ?? ""));
    const codes = seen.filter((text) => /^[a-z]+(?:-[a-z]+)+$/.test(text));
    expect(codes.length).toBeGreaterThan(60);
    expect(codes.filter((code) => !known.includes(code))).toEqual([]);
  });

  test("says of each symptom why it is and what to do", () => {
    const tables = guide.split("\n").filter((line) => line.startsWith("| "));
    for (const row of tables) expect(row.split(/(?<!\\)\|/).slice(1, -1)).toHaveLength(3);
  });
});
