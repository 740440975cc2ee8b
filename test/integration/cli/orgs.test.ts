import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";

let emulator: TestEmulator;
let bundle: TestBundle;
let folder: string;
beforeAll(async () => {
  [emulator, bundle] = await Promise.all([startEmulator(), buildTestBundle()]);
  folder = await mkdtemp(join(tmpdir(), "muster-orgs-"));
});
afterAll(async () => {
  await emulator?.stop();
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const muster = (args: readonly string[]) => bundle.run(args, { cwd: folder, env: emulator.env });

describe("muster init", () => {
  const ANSWERS = ["--region", "us-east-1", "--pipeline", "github", "--state-bucket", "acme-state"];

  test("writes a project whose stacks cdktf can make, beside Muster's sources", async () => {
    const project = join(folder, "fresh");
    const { exitCode, stderr } = await muster(["init", "fresh", "--org", "fresh", ...ANSWERS]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining("muster doctor") });
    await symlink(resolve("."), join(project, "muster"));
    await symlink("muster/node_modules", join(project, "node_modules"));
    const { app } = JSON.parse(await readFile(join(project, "cdktf.json"), "utf8")) as { app: string };
    const [, ...args] = app.split(" ");
    const env = { ...process.env, CDKTF_OUTDIR: join(project, "cdktf.out") };
    await promisify(execFile)(process.execPath, args, { cwd: project, env });
    expect((await readdir(join(project, "cdktf.out/stacks"))).sort()).toEqual([
      "muster_fresh",
      "muster_fresh_alpha",
    ]);
  });

  test("fails with closed stdin, naming the options, and makes no folder", async () => {
    const { exitCode, stdout, stderr } = await muster(["init", "nowhere"]);
    expect({ exitCode, stdout: stdout.toString() }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("give --org, --pipeline, --state-bucket too");
    expect(await readdir(folder)).not.toContain("nowhere");
  });

  test("refuses the name of an org that is deployed", async () => {
    await createOrg(emulator, "taken");
    await mkdir(join(folder, "second"));
    const { exitCode, stderr } = await muster(["init", "second", "--org", "taken", ...ANSWERS]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining("an org taken in us-east-1 already: table muster-taken-registry"),
    });
    expect(await readdir(join(folder, "second"))).toEqual([]);
  });
});
