import { describe, expect, test } from "@jest/globals";
import { InvalidArgumentError } from "commander";
import { developersCommand, wholeNumber, withStatus } from "../../../scripts/system/command-line.js";
import { refusal } from "../../support/command-line.js";

const command = () =>
  developersCommand("npm run it", "It does it.")
    .option("--name <name>", "a name")
    .option("--json", "as JSON")
    .action(withStatus(() => 0));

describe("a developers' command", () => {
  test.each([
    ["nothing", []],
    ["every form", ["--name=a", "--json"]],
  ])("takes %s", async (_name, argv) => {
    expect(await refusal(command(), argv)).toBe("");
  });

  test.each([
    ["an unknown option", ["--nam=a"], "error: unknown option '--nam=a'"],
    ["a value that is missing", ["--name"], "error: option '--name <name>' argument missing"],
    ["a word too many", ["now"], "error: too many arguments. Expected 0 arguments but got 1."],
  ])("fails on %s", async (_name, argv, words) => {
    expect(await refusal(command(), argv)).toBe(words);
  });
});

test.each(["0", "65", "1.5", "", "four", "-1", "0x10", "1e1"])(
  "'%s' is no whole number from 1 to 64",
  (text) => {
    expect(() => wholeNumber(1, 64)(text)).toThrow(InvalidArgumentError);
  },
);
