import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { FAULTS } from "../../faults/matrix.js";
import { KNOWN_FAILURES } from "../../support/known-failures.js";

describe.each(KNOWN_FAILURES.map((failure) => [failure.reports.join(", "), failure] as const))(
  "what went wrong by %s",
  (_reports, { tests, faults = [] }) => {
    test.each(tests)("is tested in %s: %s", (name, words) => {
      const file = `test/${name}.test.ts`;
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, "utf8")).toContain(words);
    });

    test("is a fault of the matrix, where faults are named", () => {
      expect(FAULTS.map(({ name }) => name)).toEqual(expect.arrayContaining([...faults]));
    });
  },
);

test("no report is there twice", () => {
  const reports = KNOWN_FAILURES.flatMap(({ reports: some }) => some);
  expect(new Set(reports).size).toBe(reports.length);
});
