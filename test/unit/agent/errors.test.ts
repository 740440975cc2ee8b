import { expect, test } from "@jest/globals";
import { AgentError, ERRORS, type ErrorCode, reasonOf } from "../../../agent/errors.js";

test.each(Object.keys(ERRORS) as ErrorCode[])("%s tells what happened, and a next step", (code) => {
  const error = new AgentError(code, "$& the subject");
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.message).not.toContain("{subject}");
  expect(error.message.includes("$& the subject")).toBe(ERRORS[code].message.includes("{subject}"));
  expect(error.hint.length).toBeGreaterThan(20);
});

test.each([
  [new Error("broken"), "broken"],
  [new TypeError(""), "TypeError"],
  ["text", "text"],
  [undefined, "undefined"],
])("the reason of %p is %j", (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});
