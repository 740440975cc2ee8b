import { describe, expect, test } from "@jest/globals";
import { type CloudCommands, cloudCommand } from "../../../scripts/local/options.js";
import { refusal } from "../../support/command-line.js";

/** Each command notes its name and what it was given. */
function noting() {
  const noted: unknown[] = [];
  const note =
    (name: string) =>
    async (...given: readonly unknown[]): Promise<number> => {
      noted.push([name, ...given]);
      return 0;
    };
  const commands: CloudCommands = {
    up: note("up"),
    down: note("down"),
    status: note("status"),
    nodes: note("nodes"),
    exec: note("exec"),
    console: note("console"),
    strike: note("strike"),
  };
  return { noted, commands };
}

describe("the local cloud's command line", () => {
  test.each([
    [["up"], ["up", { name: "default", region: "us-east-1", nodes: 0 }]],
    [
      ["up", "--name", "two", "--region=eu-west-1", "--nodes", "64", "--json"],
      ["up", { name: "two", region: "eu-west-1", nodes: 64, json: true }],
    ],
    [
      ["status", "--json"],
      ["status", { name: "default", json: true }],
    ],
    [
      ["--name", "two", "kill", "i-1"],
      ["strike", "kill", { name: "two" }, "i-1"],
    ],
    [
      ["console", "i-1", "--name=two"],
      ["console", { name: "two" }, "i-1"],
    ],
    [
      ["exec", "10.0.0.1", "--", "sh", "-c", "--name"],
      ["exec", { name: "default" }, "10.0.0.1", ["sh", "-c", "--name"]],
    ],
    [
      ["exec", "--name", "two", "i-1", "--", "true"],
      ["exec", { name: "two" }, "i-1", ["true"]],
    ],
  ])("%j", async (argv, expected) => {
    const { noted, commands } = noting();
    expect(await refusal(cloudCommand(commands), argv)).toBe("");
    expect(noted).toEqual([expected]);
  });

  test.each([
    [[], /^Usage: /],
    [["boot"], /unknown command 'boot'/],
    [["up", "--fast"], /unknown option '--fast'/],
    [["up", "--name"], /'--name <name>' argument missing/],
    [["up", "--nodes", "many"], /'many' is invalid/],
    [["kill"], /missing required argument 'node'/],
    [["kill", "i-1", "i-2"], /too many arguments/],
    [["status", "now"], /too many arguments/],
    [["exec", "i-1"], /missing required argument 'command'/],
  ])("fails on %j", async (argv, words) => {
    const { noted, commands } = noting();
    expect(await refusal(cloudCommand(commands), argv)).toMatch(words);
    expect(noted).toEqual([]);
  });
});
