import { describe, expect, test } from "@jest/globals";
import { parseOptions } from "../../../scripts/journey/options.js";

describe("quickstart's options", () => {
  test("defaults: four nodes, the built-in job", () => {
    expect(parseOptions([])).toEqual({
      nodes: 4,
      jobFile: null,
      keep: false,
      destroy: false,
      json: false,
      help: false,
    });
  });

  test("every option", () => {
    expect(parseOptions(["--nodes", "16", "--job=my.py", "--keep", "--json"])).toEqual({
      nodes: 16,
      jobFile: "my.py",
      keep: true,
      destroy: false,
      json: true,
      help: false,
    });
  });

  test.each([
    ["a word", ["--nodes", "four"], ['--nodes is "four": give a whole number from 1 to 64']],
    ["none", ["--nodes", "0"], ['--nodes is "0": give a whole number from 1 to 64']],
    ["a fraction", ["--nodes=1.5"], ['--nodes is "1.5": give a whole number from 1 to 64']],
    ["too many", ["--nodes", "65"], ['--nodes is "65": give a whole number from 1 to 64']],
    ["no file", ["--job"], ["--job needs a value"]],
    [
      "a stranger",
      ["--node", "3", "--keep"],
      ["unknown option --node", 'unexpected "3": quickstart takes options only'],
    ],
    ["both ways", ["--keep", "--destroy"], ["--keep and --destroy exclude each other"]],
  ])("fails on %s, with every problem", (_name, argv, problems) => {
    expect(parseOptions(argv)).toEqual({ problems });
  });
});
