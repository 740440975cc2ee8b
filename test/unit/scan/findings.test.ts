import { describe, expect, test } from "@jest/globals";
import { ACCEPTED } from "../../../scripts/scan/accepted.js";
import { readReport, scanProblems } from "../../../scripts/scan/findings.js";

const failed = (check_id: string, resource: string) => ({
  ...{ check_id, resource },
  check_name: "Ensure it is safe",
  file_path: "/plain/cdk.tf.json",
});
const report = (failed_checks: object[], summary: object = { passed: 9, parsing_errors: 0 }): string =>
  JSON.stringify({ results: { failed_checks }, summary });
const FOUND = readReport(report([failed("CKV_1", "aws_s3_bucket.logs_bucket_5A22438C")])).findings;
const accept = (check: string, resource: string) => ({ check, resource, reason: "because" });

describe("a scan", () => {
  test("names a resource without cdktf's number", () => {
    expect(FOUND).toEqual([
      expect.objectContaining({ check: "CKV_1", resource: "aws_s3_bucket.logs_bucket" }),
    ]);
  });

  test("passes where each finding is accepted", () => {
    expect(scanProblems(FOUND, [accept("CKV_1", "aws_s3_bucket.logs_bucket")])).toEqual([]);
  });

  test.each([
    ["nothing", []],
    ["the same check of another resource", [accept("CKV_1", "aws_s3_bucket.other")]],
    ["another check of the resource", [accept("CKV_2", "aws_s3_bucket.logs_bucket")]],
  ])("fails with the finding where what is accepted is %s", (_name, accepted) => {
    const problems = scanProblems(FOUND, accepted);
    expect(problems[0]).toMatch(
      /^CKV_1 aws_s3_bucket\.logs_bucket \(\/plain\/cdk\.tf\.json\): Ensure it is safe\. Mend it, or/,
    );
    expect(problems).toHaveLength(1 + accepted.length);
  });

  test("fails where an accepted finding no longer occurs", () => {
    expect(scanProblems([], [accept("CKV_1", "aws_vpc.network")])).toEqual([
      "CKV_1 aws_vpc.network: accepted, but no longer found. Remove it from scripts/scan/accepted.ts.",
    ]);
  });

  test.each([
    ["checked nothing", report([], { passed: 0, parsing_errors: 0 }), /checked nothing/],
    ["found no file", "{}", /checked nothing/],
    ["could not read a stack", report([], { passed: 3, parsing_errors: 1 }), /can't read 1 of/],
    ["printed no report", "boom", /JSON/],
  ])("fails where the scanner %s", (_name, text, message) => {
    expect(() => readReport(text)).toThrow(message);
  });
});

test("each accepted finding stands once, with a reason in words", () => {
  const keys = ACCEPTED.map(({ check, resource }) => `${check} ${resource}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { reason } of ACCEPTED) expect(reason.split(" ").length).toBeGreaterThan(8);
});
