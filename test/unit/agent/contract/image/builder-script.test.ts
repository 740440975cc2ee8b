import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import {
  type BuilderOrder,
  builderScript,
  MAX_USER_DATA_BYTES,
} from "../../../../../agent/contract/image/builder-script.js";
import { extraSteps, STEP_LIMITS } from "../../../../../agent/contract/image/extra-steps.js";
import { parseReport } from "../../../../../agent/contract/image/report.js";

const ORDER: BuilderOrder = {
  image: "mpi-1.4.0-1f3a9c2b",
  bucket: "muster-acme-logs-20261127070000000000000001",
  region: "eu-central-1",
  recipeSha256: "ab".repeat(32),
  steps: extraSteps(["gdb"], [{ name: "motd", script: "echo hello >/etc/motd\n" }]),
};

/** The text of a file that the script writes. */
function fileIn(script: string, name: string): string {
  const start = script.indexOf(`cat >${name} <<'END-OF-FILE'\n`);
  const text = script.slice(script.indexOf("\n", start) + 1);
  return text.slice(0, text.indexOf("END-OF-FILE"));
}

describe("a builder's user data", () => {
  const script = builderScript(ORDER);

  test.each([
    ["the script", script],
    ["start", fileIn(script, "start")],
    ["s3", fileIn(script, "s3")],
  ])("%s is shell", (_, text) => {
    expect(() => execFileSync("sh", ["-n"], { input: text })).not.toThrow();
  });

  test("names each file that is checked", () => {
    expect(fileIn(script, "files.sha256").split("\n")).toEqual([
      `${"ab".repeat(32)}  recipe.tar`,
      expect.stringMatching(/^[0-9a-f]{64} {2}steps\/01-packages$/),
      expect.stringMatching(/^[0-9a-f]{64} {2}steps\/02-motd$/),
      "",
    ]);
  });

  test("fits into EC2's limit with all the steps that may be", () => {
    const steps = Array.from({ length: STEP_LIMITS.steps }, (_, index) => ({
      name: `${index}-`.padEnd(40, "x"),
      script: "true",
    }));
    const longest = builderScript({ ...ORDER, steps: extraSteps(["gdb"], steps) });
    expect(Buffer.byteLength(longest)).toBeLessThan(MAX_USER_DATA_BYTES);
  });

  test("asks the region's own S3, in China too", () => {
    expect(script).toContain("https://s3.eu-central-1.amazonaws.com}");
    expect(builderScript({ ...ORDER, region: "cn-north-1" })).toContain(
      "https://s3.cn-north-1.amazonaws.com.cn}",
    );
  });

  test("puts credentials into no argument of a program", () => {
    const s3 = fileIn(script, "s3");
    const curls = s3.split("\n").filter((line) => line.includes("curl "));
    expect(curls.length).toBeGreaterThan(2);
    expect(curls.filter((line) => /curl [^|]*\$(?:token|credentials|\(field)/.test(line))).toEqual([]);
  });

  test("its own report is one that is understood", () => {
    const start = fileIn(script, "start");
    const format = /printf '(\{.*\})\\n'/.exec(start)?.[1] ?? "";
    const said = execFileSync("sh", [
      "-c",
      `printf '${format}' "$@"`,
      "sh",
      ORDER.image,
      "1795000000",
      "recipe archive",
      "bm8K",
    ]);
    expect(parseReport(said.toString(), ORDER.image)).toMatchObject({
      ok: false,
      step: "recipe archive",
      lastLines: "no",
    });
  });
});
