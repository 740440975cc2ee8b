import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { KNOWN_FAILURES } from "../../support/known-failures.js";

describe.each(KNOWN_FAILURES.map(({ reports, tests }) => [reports.join(", "), tests] as const))(
  "what went wrong by %s",
  (_reports, tests) => {
    test.each(tests)("is tested in %s: %s", (name, words) => {
      const file = `test/${name}.test.ts`;
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, "utf8")).toContain(words);
    });
  },
);
