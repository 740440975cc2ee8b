import { describe, expect, test } from "@jest/globals";
import { countJest, summaryLine } from "../../../scripts/gate/stages.js";

const report = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, numRuntimeErrorTestSuites: 0 };

describe("the gate's arithmetic", () => {
  test("counts a clean jest run", () => {
    expect(countJest(report, 0)).toEqual({ passed: 7, failed: 0, skipped: 0 });
  });

  test.each([
    ["no report", null, 1],
    ["no test", { ...report, numPassedTests: 0 }, 0],
    ["a bad exit with nothing failed", report, 1],
    ["a suite that could not load", { ...report, numRuntimeErrorTestSuites: 1 }, 1],
    ["a killed jest", report, null],
  ])("%s is one failure", (_name, given, exitCode) => {
    expect(countJest(given, exitCode).failed).toBe(1);
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
