import { describe, expect, test } from "@jest/globals";
import { type QuickstartOptions, quickstartCommand } from "../../../scripts/journey/options.js";
import { refusal } from "../../support/command-line.js";

describe("quickstart's options", () => {
  test.each<[string, string[], QuickstartOptions]>([
    ["none: four nodes, the built-in job", [], { nodes: 4 }],
    [
      "every option",
      ["--nodes", "16", "--job=examples/pi.py", "--keep", "--json"],
      { nodes: 16, job: "examples/pi.py", keep: true, json: true },
    ],
  ])("%s", async (_name, argv, expected) => {
    const asked: QuickstartOptions[] = [];
    const command = quickstartCommand(async (options) => asked.push(options) - 1);
    expect(await refusal(command, argv)).toBe("");
    expect(asked).toEqual([expected]);
  });

  test.each([
    ["a word", ["--nodes", "four"], /'four' is invalid\. Give a whole number from 1 to 64\./],
    ["none", ["--nodes", "0"], /'0' is invalid/],
    ["too many", ["--nodes", "65"], /'65' is invalid/],
    ["no file", ["--job"], /'--job <file>' argument missing/],
    [
      "a file that is not there",
      ["--job", "no/such.py"],
      /'no\/such\.py' is invalid\. There is no such file\./,
    ],
    ["a stranger", ["--node", "3"], /unknown option '--node'/],
    ["both ways", ["--keep", "--destroy"], /'--keep' cannot be used with option '--destroy'/],
  ])("fails on %s", async (_name, argv, words) => {
    const command = quickstartCommand(() => Promise.reject(new Error("it ran")));
    expect(await refusal(command, argv)).toMatch(words);
  });
});
