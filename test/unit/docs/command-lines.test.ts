import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { CompletedCommand } from "../../../scripts/cli/core/completion.js";
import { COMMAND_CASES } from "../../support/cli/every-command.js";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { shellBlocks } from "../../support/docs/blocks.js";
import { trackedFiles } from "../../support/docs/import-graph.js";

/** Those that are in every help, and those of commands that the completion leaves out. */
const EVERYWHERE = ["--help", "--version"];
const COMPLETION: CompletedCommand = { name: "completion", options: ["--json"], commands: [] };

/** What is to be typed after `muster` in a page: lines of shell blocks, and code in the text. */
function musterLines(page: string, markdown: string): readonly string[] {
  const lines = shellBlocks(page, markdown).flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"));
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, "");
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return [...lines, ...spans].flatMap((line) => {
    const [, words] = /^(?:\$ )?(?:\.\/scripts\/|npx )?muster ([a-z][^#<&]*)/.exec(line.trim()) ?? [];
    return words === undefined ? [] : [words.trim()];
  });
}

/** What of a line `job list --json` there is not; `show|list` is both. What follows a program's file is the program's. */
function problemsOf(line: string, root: CompletedCommand): readonly string[] {
  const [own = ""] = line.split(/ -- | \| | \.\.\./);
  const [words = ""] = own.split(/(?<=\.py) /);
  let places: readonly CompletedCommand[] = [root];
  const problems: string[] = [];
  for (const word of words.split(/\s+/)) {
    const names = word.replace(/[,.)]+$/, "").split("|");
    if (word.startsWith("--")) {
      const [option = ""] = (names[0] ?? "").split("=");
      const isKnown = EVERYWHERE.includes(option) || places.every(({ options }) => options.includes(option));
      if (!isKnown) problems.push(option);
    } else if (places.every(({ commands }) => commands.length > 0)) {
      const found = names.flatMap((name) => places[0]?.commands.find((one) => one.name === name) ?? []);
      if (found.length === names.length) places = found;
      // `muster token` has commands below it, and options too: the word is an option's value.
      else if (!places.some(({ options }) => options.includes("--json"))) problems.push(word);
    }
  }
  return problems.map((problem) => `muster ${line}: ${problem}`);
}

describe("the commands that pages name", () => {
  let root: CompletedCommand;
  beforeAll(async () => {
    const world = new FakeWorld();
    expect(await world.run("completion", "bash", "--json")).toBe(0);
    const words = JSON.parse(world.out) as CompletedCommand;
    root = { ...words, commands: [...words.commands, COMPLETION] };
  });
  const pages = trackedFiles("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs").filter((file) =>
    file.endsWith(".md"),
  );

  test("are found", () => {
    const found = pages.flatMap((page) => musterLines(page, readFileSync(page, "utf8")));
    expect(found.length).toBeGreaterThan(200);
  });

  test.each(pages)("in %s are there, with each option", (page) => {
    const lines = musterLines(page, readFileSync(page, "utf8"));
    expect(lines.flatMap((line) => problemsOf(line, root))).toEqual([]);
  });

  test.each([
    ["a command that there is not", "jbo", "jbo"],
    ["one of a group", "job lists", "lists"],
    ["an option", "job list --clutser a", "--clutser"],
    ["one of two commands", "job list|lists", "list|lists"],
    ["an option of a command that has others below it", "token --cluster a --rol reader", "--rol"],
  ])("fail: %s", (_what, line, named) => {
    expect(problemsOf(line, root)).toEqual([`muster ${line}: ${named}`]);
  });

  test("are right: arguments, options of others after --, and a place", () => {
    const lines = ["job run pi.py --steps 9", "cluster ssh --node a -- ls --all", "token ca --cluster alpha"];
    expect(lines.flatMap((line) => problemsOf(line, root))).toEqual([]);
  });
});

test("README's table has every command", () => {
  const rows = readFileSync("README.md", "utf8").match(/^\| `muster .*? \| /gm) ?? [];
  const named = rows.flatMap((row) => {
    let group = "";
    return [...row.matchAll(/`([^`]+)`/g)].flatMap(([, span = ""]) => {
      const [first = "", second = ""] = span.replace(/^muster /, "").split(" ");
      // "`muster job show ID`, `list`": the second one is of the same group.
      const known = [`${first} ${second}`, `${group} ${first}`, first].find(
        (words) => words in COMMAND_CASES,
      );
      if (span.startsWith("muster ")) group = first;
      return known ?? [];
    });
  });
  expect(Object.keys(COMMAND_CASES).filter((words) => !named.includes(words))).toEqual([]);
});
