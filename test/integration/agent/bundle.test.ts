import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Script } from "node:vm";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { buildAgent } from "../../../scripts/build/agent.js";

const execute = promisify(execFile);
const PROGRAM = "muster-agent-program.js";
/** What starts it, and the program itself. */
let loader: string;
let bundle: string;
beforeAll(async () => {
  loader = await buildAgent(resolve("."));
  bundle = join(dirname(loader), PROGRAM);
});

/** A folder with the agent alone; its removal. */
async function agentAlone() {
  const folder = await mkdtemp(join(tmpdir(), "muster-bundle-"));
  for (const file of [loader, bundle]) await copyFile(file, join(folder, file.slice(dirname(file).length)));
  return { folder, agent: join(folder, "muster-agent.cjs"), remove: () => rm(folder, { recursive: true }) };
}
const startAlone = (agent: string) => execute(process.execPath, [agent], { timeout: 60_000 });

describe("the agent's bundle", () => {
  test("is the same bytes each time, and knows its version", async () => {
    const first = await readFile(bundle);
    await buildAgent(resolve("."));
    const second = await readFile(bundle);
    expect(first.equals(second)).toBe(true);
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect(first.includes(`"${version}"`)).toBe(true);
    expect(first.includes(resolve("."))).toBe(false);
    // What loads it takes each byte for a character: that is right of its code, and no matter for the licences behind it.
    expect(first.toString("latin1").split("Bundled license information")[0]).toMatch(/^[\0-\x7f]*$/);
  });

  test("has rare packages in files of their own, which it does not need to start", async () => {
    const { agent, remove } = await agentAlone();
    try {
      await expect(startAlone(agent)).rejects.toMatchObject({
        stdout: expect.stringContaining("config-invalid"),
      });
    } finally {
      await remove();
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
      [loader],
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

  test("its compiled code is what the engine takes, and is for this very program", async () => {
    const { folder, agent, remove } = await agentAlone();
    const codes = async () => (await readdir(folder)).filter((name) => name.endsWith(".code"));
    const compile = () =>
      execute(resolve("agent/image/builder/compile-agent.sh"), [folder, process.execPath], {
        timeout: 60_000,
      });
    try {
      await compile();
      const [code = ""] = await codes();
      const [source, cachedData] = await Promise.all([
        readFile(join(folder, PROGRAM), "latin1"),
        readFile(join(folder, code)),
      ]);
      expect(new Script(source, { cachedData }).cachedDataRejected).toBe(false);
      await expect(startAlone(agent)).rejects.toMatchObject({
        stdout: expect.stringContaining("config-invalid"),
      });

      // As long as before: the engine would take the code of the other one.
      await writeFile(join(folder, PROGRAM), source.replaceAll("config-invalid", "CONFIG-INVALID"), "latin1");
      await expect(startAlone(agent)).rejects.toMatchObject({
        stdout: expect.stringContaining("CONFIG-INVALID"),
      });
      await compile();
      expect(await codes()).not.toEqual([code]);
      expect(await codes()).toHaveLength(1);
    } finally {
      await remove();
    }
  });
});
