import { describe, expect, test } from "@jest/globals";
import { errorDiagnostic } from "../../../../provider/core/diagnostic.js";
import { failed, toWireDiagnostics } from "../../../../provider/wire/diagnostics.js";
import { ValueError } from "../../../../provider/wire/value-error.js";

describe("toWireDiagnostics", () => {
  test("names attributes, indices and keys, and of a set the set", () => {
    const path = ["rules", 1, { key: "a.b" }, "ports", { someOf: "set" }, "from"] as const;
    expect(toWireDiagnostics([errorDiagnostic("unexpected", "s", "d", path)])).toEqual([
      {
        severity: "ERROR",
        summary: "s",
        detail: "d\nCode: unexpected",
        attribute: {
          steps: [
            { attribute_name: "rules" },
            { element_key_int: 1 },
            { element_key_string: "a.b" },
            { attribute_name: "ports" },
          ],
        },
      },
    ]);
  });

  test.each([
    [errorDiagnostic("job-failed", "s", "d"), "d\nCode: job-failed"],
    [{ ...errorDiagnostic("job-failed", "s", "d"), reasonCode: null }, "d\nCode: job-failed"],
    [
      { ...errorDiagnostic("job-failed", "s", "d"), reasonCode: "node-lost" as const },
      "d\nCode: job-failed, reason: node-lost",
    ],
    [errorDiagnostic("interrupted", "s", ""), "Code: interrupted"],
  ])("ends a detail with its code, and that of the reason that it passes on: %j", (diagnostic, detail) => {
    expect(toWireDiagnostics([diagnostic])[0]?.detail).toBe(detail);
  });

  test("tells a hundred at once, errors first, and how many more there are", () => {
    const warnings = Array.from({ length: 5000 }, () => ({
      ...errorDiagnostic("unexpected", "w", ""),
      severity: "warning" as const,
    }));
    const told = toWireDiagnostics([...warnings, errorDiagnostic("unexpected", "e", "")]);
    expect(told).toHaveLength(101);
    expect(told[0]).toMatchObject({ severity: "ERROR", summary: "e" });
    expect(told[100]).toMatchObject({
      ...{ severity: "WARNING", summary: "4901 more of these" },
      detail: expect.stringMatching(/\nCode: more-diagnostics$/),
    });
    expect(toWireDiagnostics(warnings.slice(0, 100))).toHaveLength(100);
  });

  test("cuts what nobody would read, and carries no half of an emoji", () => {
    const [diagnostic] = toWireDiagnostics([
      errorDiagnostic("unexpected", "x".repeat(10_000_000), `${"🚀".repeat(5000)}a🚀`),
    ]);
    expect(diagnostic?.summary).toBe(`${"x".repeat(500)}... (10000000 characters)`);
    expect(diagnostic?.detail).toBe(`${"🚀".repeat(5000)}... (10003 characters)\nCode: unexpected`);
    const [odd] = toWireDiagnostics([errorDiagnostic("unexpected", "\ud83d", `a${"🚀".repeat(5001)}`)]);
    expect(odd?.summary).toBe("\ufffd");
    expect(odd?.detail).toMatch(/\ufffd\.\.\. \(10003 characters\)\nCode: unexpected$/);
  });

  test("shows what would move a terminal's cursor, and keeps the lines of a detail", () => {
    const lines = "\x1b[2J\x1b[1;1HApply complete!\n\tsecond \x9b2J\u202e\r\n\x07";
    const [diagnostic] = toWireDiagnostics([errorDiagnostic("job-failed", `Job x FAILED: ${lines}`, lines)]);
    expect(diagnostic?.detail).toBe(
      "\\x1b[2J\\x1b[1;1HApply complete!\n\tsecond \\x9b2J\\u202e\n\\x07\nCode: job-failed",
    );
    expect(diagnostic?.summary).toBe(
      "Job x FAILED: \\x1b[2J\\x1b[1;1HApply complete!\\n\tsecond \\x9b2J\\u202e\\n\\x07",
    );
  });
});

describe("failed", () => {
  test("of a malformed value has its path, where it is not the value as a whole", () => {
    expect(failed(new ValueError(["a", 0], "must be a string"), "plan x").diagnostics).toEqual([
      {
        severity: "ERROR",
        summary: "Malformed value: can't plan x",
        detail: "a[0] must be a string.\nCode: value-malformed",
        attribute: { steps: [{ attribute_name: "a" }, { element_key_int: 0 }] },
      },
    ]);
    expect(failed(new ValueError([], "is odd"), "plan x").diagnostics[0]).not.toHaveProperty("attribute");
  });

  test("of anything thrown says what it was, without a stack", () => {
    for (const thrown of [new Error("boom"), "boom", undefined, null, 7, new AggregateError([], "boom")]) {
      const [diagnostic] = failed(thrown, "plan x").diagnostics;
      expect(diagnostic?.summary).toBe("Could not plan x");
      const [said, code, ...more] = (diagnostic?.detail ?? "").split("\n");
      expect(said).not.toMatch(/at .*:\d+/);
      expect([code, more]).toEqual(["Code: unexpected", []]);
    }
  });
});
