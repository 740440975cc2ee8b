import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

describe("each developers' command", () => {
  const start = (program: string, ...args: readonly string[]) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", program, ...args], {
      cwd: join(__dirname, "../../.."),
    });

  describe.each([
    "scripts/build/main.ts",
    "scripts/docs/main.ts",
    "scripts/gate/main.ts",
    "scripts/image/main.ts",
    "scripts/journey/main.ts",
    "scripts/local/main.ts",
    "scripts/package/main.ts",
    "scripts/schema/main.ts",
    "scripts/setup/main.ts",
    "scripts/tfrc/main.ts",
    "test/bench/main.ts",
  ])("%s", (program) => {
    test("has a help", async () => {
      expect((await start(program, "--help")).stdout).toContain("Usage: ");
    });

    test("fails on an unknown option, names it, and does nothing", async () => {
      await expect(start(program, "--surely-not")).rejects.toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(/^error: unknown option '--surely-not'\n\nUsage: /),
      });
    });
  });
});
