import { expect, test } from "@jest/globals";
import { AgentError, ERRORS, type ErrorCode, reasonOf } from "../../../agent/errors.js";
import { CODE, sourcesBut, unusedCodes, usedCodes, wordProblems } from "../../support/docs/codes.js";

const sources = sourcesBut(["agent/errors.ts", "agent/contract/reasons/", "provider/core/codes/"]);

test.each(Object.keys(ERRORS) as ErrorCode[])("%s says what happened, and a next step", (code) => {
  expect(code).toMatch(CODE);
  expect(["never", "later", "now"]).toContain(ERRORS[code].retry);
  expect(wordProblems({ hint: ERRORS[code].hint })).toEqual([]);
  const error = new AgentError(code, "$& the subject");
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.message).not.toContain("{subject}");
  expect(error.message.includes("$& the subject")).toBe(ERRORS[code].message.includes("{subject}"));
  expect(error.hint.length).toBeGreaterThan(20);
});

test("no code is listed that no source throws", () => {
  expect(unusedCodes(Object.keys(ERRORS), sources)).toEqual([]);
});

test("every code that a source throws is listed", () => {
  const used = usedCodes(/\bAgentError\(\s*"([^"]+)"/g, sources);
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
});

test.each([
  [new Error("broken"), "broken"],
  [new TypeError(""), "TypeError"],
  ["text", "text"],
  [undefined, "undefined"],
])("the reason of %p is %j", (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});
