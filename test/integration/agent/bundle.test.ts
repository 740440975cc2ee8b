import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { buildAgent } from "../../../scripts/build/agent.js";

const execute = promisify(execFile);
let bundle: string;
beforeAll(async () => {
  bundle = await buildAgent(resolve("."));
});

describe("the agent's bundle", () => {
  test("is the same bytes each time, and knows its version", async () => {
    const first = await readFile(bundle);
    const second = await readFile(await buildAgent(resolve(".")));
    expect(first.equals(second)).toBe(true);
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect(first.includes(`"${version}"`)).toBe(true);
    expect(first.includes(resolve("."))).toBe(false);
  });

  test("without a configuration fails with one JSON line: what, and the next step", async () => {
    const failure: { code: number; stdout: string; stderr: string } = await execute(
      process.execPath,
      [bundle],
      {
        timeout: 60_000,
      },
    ).then(
      () => {
        throw new Error("it started");
      },
      (error) => error,
    );
    expect(failure.code).toBe(1);
    expect(failure.stderr).toBe("");
    expect(failure.stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(failure.stdout)).toMatchObject({
      level: 60,
      code: "config-invalid",
      msg: expect.stringContaining("/etc/muster/agent.json"),
      hint: expect.stringContaining("User data writes this file"),
    });
  });
});
