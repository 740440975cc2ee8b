import { describe, expect, test } from "@jest/globals";
import { EVENTS } from "../../../../agent/contract/event.js";
import { REASONS } from "../../../../agent/contract/reasons.js";
import { ERRORS } from "../../../../agent/errors.js";
import { DIAGNOSTICS } from "../../../../provider/core/diagnostic-codes.js";
import { CODE, sourcesBut, unusedCodes, usedCodes, wordProblems } from "../../../support/docs/codes.js";

describe("the list of the provider's diagnostics", () => {
  const sources = sourcesBut(["provider/core/codes/", "agent/"]);

  test.each(Object.entries(DIAGNOSTICS))("%s is a code with a meaning and a next step", (code, entry) => {
    expect(code).toMatch(CODE);
    expect(["never", "later", "now"]).toContain(entry.retry);
    expect(wordProblems({ meaning: entry.meaning, next: entry.next })).toEqual([]);
  });

  test("has no code that no source gives", () => {
    expect(unusedCodes(Object.keys(DIAGNOSTICS), sources)).toEqual([]);
  });

  test("has every code that a source gives", () => {
    const provider = new Map([...sources].filter(([path]) => path.startsWith("provider/")));
    const used = usedCodes(/(?:\b(?:failure|errorDiagnostic)\(\s*|[^\w]code: )"([^"]+)"/g, provider);
    expect(used.length).toBeGreaterThan(40);
    const isListed = (code: string) =>
      [DIAGNOSTICS, REASONS, EVENTS].some((list) => Object.hasOwn(list, code));
    expect(used.filter((code) => !isListed(code))).toEqual([]);
  });
});

test("no two lists have a code in common", () => {
  const codes = [REASONS, ERRORS, DIAGNOSTICS].flatMap((list) => Object.keys(list));
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});
