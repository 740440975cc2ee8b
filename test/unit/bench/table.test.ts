import { describe, expect, test } from "@jest/globals";
import { atMost, type Row, timesAtMost } from "../../bench/row.js";
import { exitCodeOf, type PartRun, type Report, renderTable, toJson } from "../../bench/table.js";

const ROWS: readonly Row[] = [
  {
    ...{ part: "command", what: "muster --help", unit: "ms", ours: 48.9 },
    ...{ beside: { name: "node -e 0", value: 40 }, goal: timesAtMost(1.5) },
  },
  { part: "command", what: "muster job list --help", unit: "ms", ours: 100.4 },
  { part: "scale", what: "head's memory", unit: "MB", ours: 151, goal: atMost(150) },
];
const run = (part: string, leftOut: string | null = null): PartRun => ({
  ...{ part, seconds: 3, loadBefore: 0.52, leftOut },
});
const report = (more: Partial<Report> = {}): Report => ({
  machine: { cores: 2, memoryGib: 24, processor: "a processor", node: "v24.0.0" },
  ...{ at: new Date("2026-11-27T11:05:00Z"), isSmall: false },
  ...{ parts: [run("command"), run("scale")], rows: ROWS },
  ...more,
});

describe("the table", () => {
  test("has a line for each row below its part: what, ours, the peer, the ratio, the goal, and whether it is met", () => {
    expect(
      renderTable(report())
        .split("\n")
        .slice(0, 7)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ["what", "ours", "beside", "ratio", "goal", "met"],
      [""],
      ["command:"],
      ["muster --help", "48.9 ms", "node -e 0", "40 ms", "1.22x", "<= 1.5x", "yes"],
      ["muster job list --help", "100 ms"],
      [""],
      ["scale:"],
    ]);
  });

  test("ends with the machine and its load, what was left out, and the goals that are missed", () => {
    const parts = [run("command"), { ...run("boot", "it needs root"), loadBefore: 3 }];
    expect(renderTable(report({ parts })).split("\n").slice(-3)).toEqual([
      "2026-11-27T11:05Z, 2 cores (a processor), 24 GiB, Node.js v24.0.0, load 0.5 to 3.0",
      "boot is left out: it needs root",
      "Missed: scale: head's memory",
    ]);
    expect(renderTable(report({ rows: ROWS.slice(0, 1) }))).toMatch(/Every goal is met\.$/);
  });

  test("says of a small run that its figures are none", () => {
    expect(renderTable(report({ isSmall: true }))).toContain("Small sizes");
  });

  test("shows a dash for what could not be measured", () => {
    const rows = [{ part: "p", what: "w", unit: "s", ours: Number.NaN } as const];
    expect(renderTable(report({ rows }))).toMatch(/^w +- s$/m);
  });
});

test("the JSON has each row whole, with its ratio and whether it is met", () => {
  const { rows, missed, at, parts } = JSON.parse(toJson(report())) as {
    readonly rows: readonly unknown[];
    readonly missed: readonly string[];
    readonly at: string;
    readonly parts: readonly unknown[];
  };
  expect(rows[0]).toEqual({
    ...{ part: "command", what: "muster --help", unit: "ms", ours: 48.9, ratio: 48.9 / 40, isMet: true },
    beside: { name: "node -e 0", value: 40 },
    goal: { of: "ratio", is: "<=", limit: 1.5 },
  });
  expect(rows[1]).toMatchObject({ beside: null, ratio: null, goal: null, isMet: null });
  expect(missed).toEqual(["scale: head's memory"]);
  expect([at, parts.length]).toEqual(["2026-11-27T11:05:00.000Z", 2]);
});

test.each<[string, Partial<Report>, number]>([
  ["a missed goal", {}, 1],
  ["every goal met", { rows: ROWS.slice(0, 2) }, 0],
  ["a missed goal of a small run", { isSmall: true }, 0],
  ["a part that is left out", { rows: [], parts: [run("boot", "it needs root")] }, 1],
  ["one of a small run", { isSmall: true, parts: [run("boot", "it failed")] }, 1],
])("the exit status with %s", (_name, more, status) => {
  expect(exitCodeOf(report(more))).toBe(status);
});
