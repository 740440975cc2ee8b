import { expect, test } from "@jest/globals";
import { readCommandLine } from "../../../scripts/system/command-line.js";

const SPEC = {
  name: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
const nothing = { name: undefined, json: false, help: false };

test.each<[string, string[], Partial<ReturnType<typeof readCommandLine<typeof SPEC>>>]>([
  ["nothing", [], { values: nothing, positionals: [], firstPositional: 0, problems: [] }],
  [
    "every form",
    ["--name=a", "-h", "--json"],
    { values: { name: "a", json: true, help: true }, problems: [] },
  ],
  ["a value of its own", ["--name", "a"], { values: { ...nothing, name: "a" }, positionals: [] }],
  ["the last of two", ["--name", "a", "--name", "b"], { values: { ...nothing, name: "b" } }],
  ["words", ["--json", "up", "x"], { positionals: ["up", "x"], firstPositional: 1 }],
  ["an unknown option", ["--nam=a"], { values: nothing, problems: ["unknown option --nam"] }],
  ["a value that is missing", ["--name"], { values: nothing, problems: ["--name needs a value"] }],
  ["an empty value", ["--name="], { problems: ["--name needs a value"] }],
  ["a value too many", ["--json=no"], { values: nothing, problems: ["--json takes no value"] }],
  ["all problems", ["-x", "--name"], { problems: ["unknown option -x", "--name needs a value"] }],
])("a command line with %s", (_name, argv, expected) => {
  expect(readCommandLine(argv, SPEC)).toMatchObject(expected);
});
