import { describe, expect, test } from "@jest/globals";
import { installFailure, setupFailure } from "../../../../agent/environments/failures.js";

describe("a failed installation", () => {
  const CONFLICT =
    "Using Python 3.13.5 environment at: e\nerror: No solution found when resolving dependencies\n  cause: Because you require a==1 and a==2, it is unsatisfiable.\n\nhint: look\n";
  const REFUSED =
    "error: Request failed after 3 retries in 6.6s\n  cause: Failed to fetch: http://index/simple/six/\n  cause: error sending request\n  cause: Connection refused (os error 111)\n";

  test("is named by uv's error with its causes, and has its last lines", () => {
    expect(installFailure("requirements.txt", { status: 1, text: CONFLICT })).toEqual({
      reasonCode: "requirements-failed",
      reason:
        "requirements.txt can't be installed: error: No solution found when resolving dependencies cause: Because you require a==1 and a==2, it is unsatisfiable.",
      lines: CONFLICT.trimEnd().split("\n"),
    });
  });

  test.each<[string, number, string, string]>([
    ["an index that refuses", 2, REFUSED, "packages-unreachable"],
    ["requirements that say the same", 1, REFUSED, "requirements-failed"],
    [
      "a line that can't be parsed",
      2,
      "error: Couldn't parse requirement in `r.txt`\n",
      "requirements-failed",
    ],
    ["no words", 137, "", "requirements-failed"],
  ])("by %s has its code", (_name, status, text, code) => {
    expect(installFailure("r.txt", { status, text }).reasonCode).toBe(code);
  });

  test("without an error shows the last line, and never more than a few hundred characters", () => {
    expect(installFailure("r.txt", { status: 1, text: "one\ntwo\n\n" }).reason).toBe(
      "r.txt can't be installed: two",
    );
    expect(installFailure("r.txt", { status: 1, text: "" }).reason).toMatch(/it said nothing$/);
    expect(
      installFailure("r.txt", { status: 1, text: `error: ${"x".repeat(9_000)}` }).reason.length,
    ).toBeLessThan(600);
  });
});

describe("a set-up", () => {
  const failure = (end: Partial<Parameters<typeof setupFailure>[2]>) =>
    setupFailure("10.0.0.2", 60, { end: "exited", exitCode: 0, text: "one\ntwo\n", ...end });

  test("that exits with 0 is no failure", () => expect(failure({})).toBeNull());

  test.each<[string, Partial<Parameters<typeof setupFailure>[2]>, string, string]>([
    ["exits", { exitCode: 3 }, "setup-failed", "set-up on 10.0.0.2 exited with code 3: two"],
    ["says nothing", { exitCode: 3, text: "" }, "setup-failed", "set-up on 10.0.0.2 exited with code 3"],
    [
      "hangs",
      { end: "timed-out", exitCode: 137 },
      "setup-timed-out",
      "set-up on 10.0.0.2 was not done after 60 s: two",
    ],
    [
      "prints on",
      { end: "too-much-output", exitCode: 137 },
      "setup-failed",
      "set-up on 10.0.0.2 printed more than 64 MiB: two",
    ],
  ])("that %s names the node, and what it said last", (_name, end, reasonCode, reason) => {
    expect(failure(end)).toMatchObject({ reasonCode, reason, host: "10.0.0.2" });
  });

  test("has its last lines", () => expect(failure({ exitCode: 1 })?.lines).toEqual(["one", "two"]));
});
