import { describe, expect, test } from "@jest/globals";
import { parseCliOptions } from "../../../scripts/local/options.js";

describe("the local cloud's command line", () => {
  test.each([
    [["up"], { command: "up", name: "default", region: "us-east-1", json: false }],
    [
      ["up", "--name", "two", "--region=eu-west-1", "--json"],
      { name: "two", region: "eu-west-1", json: true },
    ],
    [["--name", "two", "kill", "i-1"], { command: "kill", name: "two", node: "i-1" }],
    [
      ["exec", "10.0.0.1", "--", "sh", "-c", "--name"],
      { command: "exec", node: "10.0.0.1", argv: ["sh", "-c", "--name"] },
    ],
    [["--help"], { command: "help" }],
  ])("%j", (args, expected) => {
    expect(parseCliOptions(args)).toMatchObject(expected);
  });

  test.each([
    [[], ["a command is missing"]],
    [["boot"], [/^unknown command "boot": it is one of up, down, /]],
    [
      ["up", "--fast", "--name"],
      ["unknown option --fast", "--name needs a value"],
    ],
    [["kill"], ["kill needs a node"]],
    [["kill", "i-1", "i-2"], ['unexpected "i-2"']],
    [["status", "now"], ['unexpected "now"']],
    [["exec", "i-1"], ["exec needs a command after --"]],
    [["down", "--", "x"], ["down takes no command after --"]],
  ])("fails on %j, naming every problem", (args, problems) => {
    const parsed = parseCliOptions(args);
    expect(parsed).toEqual({ problems: problems.map((problem) => expect.stringMatching(problem)) });
  });
});
