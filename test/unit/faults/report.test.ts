import { describe, expect, test } from "@jest/globals";
import type { Expected, Row } from "../../faults/fault.js";
import { lineProblems } from "../../faults/log-check.js";
import { FAULTS, rowsOf } from "../../faults/matrix.js";
import { differences, emptyRow, renderRows } from "../../faults/report.js";

type Outcome = Parameters<typeof differences>[0];
const OUTCOME: Outcome = { status: "FAILED", reasonCode: "node-lost", attempts: 1, seconds: 4.2, left: [] };
const EXPECTED: Expected = { status: "FAILED", reasonCodes: ["node-lost"], withinSeconds: 5 };

describe("an outcome", () => {
  test("as expected differs in nothing", () => {
    expect(differences(OUTCOME, EXPECTED)).toEqual([]);
  });

  test.each<[string, Partial<Outcome>, string]>([
    ["another end", { status: "FINISHED" }, "it is FINISHED, not FAILED"],
    ["another reason", { reasonCode: "head-lost" }, "its reason code is head-lost, not node-lost"],
    ["another attempt", { attempts: 2 }, "it had 2 attempts, not 1"],
    ["a late end", { seconds: 5.1 }, "it ended after 5.1 s, not within 5 s"],
    ["no known time", { seconds: Number.NaN }, "it ended after NaN s, not within 5 s"],
    ["what is left", { left: ["10.0.0.1: python"] }, "left behind: 10.0.0.1: python"],
  ])("with %s differs", (_name, change, problem) => {
    expect(differences({ ...OUTCOME, ...change }, EXPECTED)).toEqual([problem]);
  });

  test("may be as late as it likes where the job goes on", () => {
    const goesOn: Expected = { status: "FINISHED", reasonCodes: [null], withinSeconds: null };
    const outcome = { ...OUTCOME, status: "FINISHED", reasonCode: null, seconds: 900 };
    expect(differences(outcome, goesOn)).toEqual([]);
  });
});

test("the matrix is a table with a row for each fault, and what differs below it", () => {
  const row: Row = { ...OUTCOME, fault: "cut-worker", state: "running", reason: "lost", differs: [] };
  expect(renderRows([row, { ...row, fault: "x", left: ["a"], differs: ["left behind: a"] }])).toBe(
    [
      "Fault       State    End     Reason code  Seconds  Attempts  Left",
      "cut-worker  running  FAILED  node-lost    4.2      1         nothing  ok",
      "x           running  FAILED  node-lost    4.2      1         1 thing  differs",
      "    left behind: a",
    ].join("\n"),
  );
});

test("a row that a signal has kept from being run says so, and is no difference", () => {
  expect(renderRows([{ ...emptyRow("cut-worker", "idle"), notRun: true }])).toBe(
    [
      "Fault       State  End  Reason code  Seconds  Attempts  Left",
      "cut-worker  idle   -    -            -        0         nothing  not run",
    ].join("\n"),
  );
});

describe("a log's lines", () => {
  test.each<[string, string, boolean, string[]]>([
    ["whole", "step 1\nstep 2\ndone\n", true, []],
    ["whole, with what MPI says of ranks that were ended", "step 1\nAborting\nstep 2\n", false, []],
    ["with a gap", "step 1\nstep 3\n", false, ['it has "step 3" as its line 2']],
    ["of two launches at once", "step 1\nstep 1\nstep 2\n", false, ['it has "step 1" as its line 2']],
    ["empty", "", false, ["it has no step"]],
    ["without its end", "step 1\n", true, ['it does not end with "done"']],
  ])("%s", (_name, log, isDone, problems) => {
    expect(lineProblems(log, isDone, "it")).toEqual(problems);
  });
});

test("every fault has a name of its own", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

test("the matrix has each fault in each state where it means something", () => {
  const rows = rowsOf(FAULTS).map(({ fault, state }) => `${fault.name} ${state}`);
  expect(new Set(rows).size).toBe(rows.length);
  expect(FAULTS.filter(({ states }) => states === undefined).length).toBeGreaterThanOrEqual(20);
  expect(rows).toEqual(expect.arrayContaining(["spot-worker idle", "kill-head delivering"]));
  expect(rows).not.toContain("kill-mpiexec idle");
  expect(rowsOf(FAULTS, ["idle"]).every(({ state }) => state === "idle")).toBe(true);
});
