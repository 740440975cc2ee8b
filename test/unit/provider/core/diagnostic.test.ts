import { describe, expect, test } from "@jest/globals";
import { DiagnosticError, diagnosticsOnce, errorDiagnostic } from "../../../../provider/core/diagnostic.js";

const error = (isCommon: boolean) =>
  new DiagnosticError([errorDiagnostic("aws-unavailable", "Slow", "down")], { isCommon });
const timesTold = (given: unknown): number[] =>
  [1, 2].map(() => diagnosticsOnce(given, "read muster_cluster").length);

describe("an error that is thrown for many objects", () => {
  test.each<[string, unknown, number[]]>([
    ["about none in particular is told once", error(true), [1, 0]],
    ["about one of them each time", error(false), [1, 1]],
    ["that is unexpected each time", new Error("what"), [1, 1]],
  ])("%s", (_name, given, expected) => {
    expect(timesTold(given)).toEqual(expected);
  });
});
