import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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

  test("has rare packages in files of their own, which it does not need to start", async () => {
    const alone = await mkdtemp(join(tmpdir(), "muster-bundle-"));
    try {
      await copyFile(bundle, join(alone, "agent.cjs"));
      await expect(
        execute(process.execPath, [join(alone, "agent.cjs")], { timeout: 60_000 }),
      ).rejects.toMatchObject({ stdout: expect.stringContaining("config-invalid") });
    } finally {
      await rm(alone, { recursive: true });
    }
    const load = createRequire(bundle);
    expect(load("./muster-agent-ec2.cjs")).toHaveProperty("GetConsoleOutputCommand");
    expect(load("./muster-agent-auto-scaling.cjs")).toHaveProperty("SetDesiredCapacityCommand");
    expect(load("./muster-agent-sts.cjs")).toHaveProperty("AssumeRoleCommand");
    expect(load("./muster-agent-http-proxy.cjs")).toEqual(expect.any(Function));
    expect((await readFile(bundle, "utf8")).match(/muster-agent-[a-z0-9-]+\.cjs/g)?.sort()).toEqual(
      expect.arrayContaining([
        "muster-agent-auto-scaling.cjs",
        "muster-agent-ec2.cjs",
        "muster-agent-http-proxy.cjs",
        "muster-agent-sts.cjs",
      ]),
    );
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
