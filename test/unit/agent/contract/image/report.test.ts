import { describe, expect, test } from "@jest/globals";
import { BUILD_PHASES, MAX_REPORT_BYTES, parseReport } from "../../../../../agent/contract/image/report.js";

const ID = "mpi-1.4.0-1f3a9c2b";
const REPORT = {
  schema: 1,
  image: ID,
  at: 1_795_000_000,
  phase: "recipe",
  step: "Python packages",
  steps: [{ name: "packages", seconds: 31, exitCode: 0 }],
  ok: null,
  output: Buffer.from("one\ntwo\n").toString("base64"),
};
const text = (change: object): string => JSON.stringify({ ...REPORT, ...change });

describe("a builder's report", () => {
  test("is read, its output as text", () => {
    expect(parseReport(text({}), ID)).toEqual({
      image: ID,
      at: 1_795_000_000,
      phase: "recipe",
      step: "Python packages",
      steps: [{ name: "packages", seconds: 31, exitCode: 0 }],
      ok: null,
      lastLines: "one\ntwo",
    });
  });

  test.each(BUILD_PHASES)("may be of the phase %s", (phase) => {
    expect(parseReport(text({ phase }), ID)).toMatchObject({ phase });
  });

  test("shows at most 40 lines, and no character that moves a terminal's cursor", () => {
    const output = Buffer.from(`${"x\n".repeat(100)}\u001b[2Jend`).toString("base64");
    const report = parseReport(text({ output }), ID);
    expect(typeof report === "string" ? [] : report.lastLines.split("\n")).toEqual([
      ...Array<string>(39).fill("x"),
      "\\x1b[2Jend",
    ]);
  });

  test("may be as long as what is read of it", () => {
    const report = text({});
    expect(parseReport(report.padEnd(MAX_REPORT_BYTES), ID)).toMatchObject({ image: ID });
    expect(parseReport(report.padEnd(MAX_REPORT_BYTES + 1), ID)).toBe("has more than 65536 bytes");
  });

  test.each<[string, string, RegExp]>([
    ["no JSON", "{", /is no report: it Expected object/],
    ["another schema", text({ schema: 2 }), /is no report: \/schema/],
    ["an unknown phase", text({ phase: "lunch" }), /is no report: \/phase/],
    ["a step with a quote", text({ step: 'a"b' }), /is no report: \/step/],
    ["an output that is no base64", text({ output: "a b" }), /is no report: \/output/],
    ["too many steps", text({ steps: Array(101).fill(REPORT.steps[0]) }), /is no report: \/steps/],
    ["another image", text({ image: "mpi-1.4.0-00000000" }), /is of image "mpi-1.4.0-00000000"/],
    ["too long", text({ more: "x".repeat(MAX_REPORT_BYTES) }), /has more than 65536 bytes/],
  ])("%s is refused", (_, report, problem) => {
    expect(parseReport(report, ID)).toMatch(problem);
  });
});
