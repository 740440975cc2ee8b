import { describe, expect, test } from "@jest/globals";
import { because, NO_REASON, nodeReasonCode, REASONS } from "../../../../agent/contract/reasons.js";
import { CODE, sourcesBut, unusedCodes, usedCodes, wordProblems } from "../../../support/docs/codes.js";

describe("the list of reason codes", () => {
  const sources = sourcesBut(["agent/contract/reasons/"]);

  test.each(Object.entries(REASONS))("%s is a code with a meaning and a next step", (code, entry) => {
    expect(code).toMatch(CODE);
    expect(["cluster", "node", "job", "attempt", "schedule", "notebook", "image"]).toContain(entry.about);
    expect(["never", "later", "now"]).toContain(entry.retry);
    expect(wordProblems({ meaning: entry.meaning, next: entry.next })).toEqual([]);
  });

  test("has no code that no source sets", () => {
    expect(unusedCodes(Object.keys(REASONS), sources)).toEqual([]);
  });

  test("has every code that a source sets", () => {
    const used = usedCodes(/(?:\bbecause\(|[rR]easonCode: |reason_code: )\s*"([^"]+)"/g, sources);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((code) => !Object.hasOwn(REASONS, code))).toEqual([]);
  });
});

test.each([
  ["none", [], null],
  ["the first of two", ["shared", "mpi"], "node-shared-unavailable"],
  ["one that this agent does not know", ["later"], "node-probe-failing"],
  ["one that is named as every object's member", ["constructor"], "node-probe-failing"],
] as const)("a node is not ready by its failing probes: %s", (_name, failing, expected) => {
  const code = nodeReasonCode(failing);
  if (expected === "node-shared-unavailable") expect(Object.hasOwn(REASONS, code ?? "")).toBe(true);
  else expect(code).toBe(expected);
});

test("a reason has a code and words, or neither", () => {
  expect(because("node-lost", "it is gone")).toEqual({ reasonCode: "node-lost", reason: "it is gone" });
  expect(NO_REASON).toEqual({ reasonCode: null, reason: null });
});
