import { expect, test } from "@jest/globals";
import { missedCommandGoals, renderCommand } from "../../bench/subjects/command.js";

test.each([
  [30, []],
  [31, ["command: --help"]],
])("a help that takes %d ms beside 20 ms of Node.js misses %j", (helpMs, missed) => {
  expect(missedCommandGoals({ bareMs: 20, helpMs, jobListHelpMs: 99 })).toEqual(missed);
});

test("each row has its figure beside the bare Node.js", () => {
  expect(renderCommand({ bareMs: 20, helpMs: 30, jobListHelpMs: 50 }).split("\n")).toEqual([
    "node -e 0                   20 ms  1.00x",
    "muster --help               30 ms  1.50x  goal 1.5x",
    "muster job list --help      50 ms  2.50x",
  ]);
});
