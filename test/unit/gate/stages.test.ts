import { describe, expect, test } from "@jest/globals";
import {
  countJest,
  type JestReport,
  lastEndMs,
  planRuns,
  STAGES,
  summaryLine,
} from "../../../scripts/gate/stages.js";

type File = JestReport["testResults"][number];
const file = (name: string, statuses: readonly string[], more: Partial<File> = {}): File => ({
  name: `/project/test/${name}.test.ts`,
  status: statuses.includes("failed") ? "failed" : "passed",
  endTime: 1_000,
  assertionResults: statuses.map((status) => ({ status })),
  ...more,
});
const report: JestReport = {
  testResults: [
    file("integration/cli/muster", ["passed", "passed", "pending"], { endTime: 5_000 }),
    file("e2e/jobs/ranks", ["passed"], { endTime: 9_000 }),
    file("e2e/jobs/logs", ["passed", "passed"], { endTime: 7_000 }),
  ],
};
const withFile = (more: File): JestReport => ({ testResults: [...report.testResults, more] });

describe("the gate's runs", () => {
  const runsOf = (...names: string[]) => planRuns(STAGES.filter(({ name }) => names.includes(name)));

  test("integration and e2e are one run of jest, so that no worker waits for the other stage", () => {
    expect(planRuns(STAGES).map(({ stages }) => stages.join())).toEqual([
      ...["types", "page types", "lint", "dead code", "scan", "unit", "integration,e2e"],
    ]);
    expect(runsOf("integration", "e2e")[0]?.argv).toEqual(
      expect.arrayContaining(["--selectProjects", "integration", "e2e", "--maxWorkers=3"]),
    );
  });

  test.each(["integration", "e2e"])("%s alone is a run of its own", (name) => {
    const [run, ...more] = runsOf("types", name).filter(({ isJest }) => isJest);
    expect([run?.stages, more]).toEqual([[name], []]);
    expect(run?.argv.slice(-3)).toEqual(["--selectProjects", name, "--maxWorkers=3"]);
  });
});

describe("the gate's arithmetic", () => {
  test("counts each project of a clean jest run, and when its last file ended", () => {
    expect(countJest(report, "integration", 0)).toEqual({ passed: 2, failed: 0, skipped: 1 });
    expect(countJest(report, "e2e", 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
    expect([lastEndMs(report, "integration"), lastEndMs(report, "e2e")]).toEqual([5_000, 9_000]);
    expect([lastEndMs(report, "unit"), lastEndMs(null, "e2e")]).toEqual([null, null]);
  });

  test("a failure counts for the project that has it", () => {
    const failed = withFile(file("e2e/hosts", ["passed", "failed", "failed"]));
    expect(countJest(failed, "e2e", 1)).toEqual({ passed: 4, failed: 2, skipped: 0 });
    expect(countJest(failed, "integration", 1)).toEqual({ passed: 2, failed: 0, skipped: 1 });
  });

  test.each([
    ["no report", null, 1],
    ["no test", { testResults: report.testResults.slice(0, 1) }, 0],
    ["a bad exit with nothing failed", report, 1],
    ["a file that could not load", withFile(file("e2e/hosts", [], { status: "failed" })), 1],
    ["a killed jest", report, null],
  ])("%s is one failure", (_name, given, exitCode) => {
    expect(countJest(given, "e2e", exitCode).failed).toBe(1);
  });

  test("the last line", () => {
    const results = [
      { stage: "types", passed: 1, failed: 0, skipped: 0, seconds: 3 },
      { stage: "unit", passed: 40, failed: 2, skipped: 0, seconds: 9 },
    ];
    expect(summaryLine(results)).toBe("41 passed, 2 failed");
    expect(summaryLine([...results, { stage: "e2e", passed: 1, failed: 0, skipped: 3, seconds: 1 }])).toBe(
      "42 passed, 2 failed, 3 skipped",
    );
  });
});
