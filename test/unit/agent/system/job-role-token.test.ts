import { spawnSync } from "node:child_process";
import { chmod, chown, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LAUNCH_USER, LOGIN_GROUP } from "../../../../agent/contract/node-accounts.js";
import { keepRoleToken } from "../../../../agent/system/job-role-token.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, "run/job-role.token");
});
afterEach(() => folder.remove());
const keep = () => keepRoleToken(path, JOB_USER.gid);

describe("the token of the job role's endpoint", () => {
  test("is in a file of root's that the job user's group reads, without a line's end", async () => {
    const token = await keep();
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(await readFile(path, "utf8")).toBe(token);
    const { uid, gid, mode } = await stat(path);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 0, gid: JOB_USER.gid, mode: 0o640 });
    expect(await readdir(join(folder.path, "run"))).toEqual(["job-role.token"]);
  });

  const readAs = (uid: number, gid: number) =>
    spawnSync("/usr/bin/setpriv", [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "cat", path], {
      encoding: "utf8",
    });

  test("is read by a job's processes, and not by mpiexec or another account", async () => {
    const token = await keep();
    expect(readAs(JOB_USER.uid, JOB_USER.gid)).toMatchObject({ status: 0, stdout: token });
    for (const { uid, gid } of [LAUNCH_USER, { uid: 65_534, gid: LOGIN_GROUP.gid }])
      expect(readAs(uid, gid)).toMatchObject({ status: 1, stdout: "" });
  });

  test("stays when the agent restarts", async () => {
    expect(await keep()).toBe(await keep());
  });

  const OTHER = "f".repeat(64);
  test.each<[string, () => Promise<void>]>([
    ["of another owner", () => chown(path, JOB_USER.uid, JOB_USER.gid)],
    ["of another group", () => chown(path, 0, 0)],
    ["that others read", () => chmod(path, 0o644)],
    ["that is cut short", () => writeFile(path, "ab")],
    ["that is no token", () => writeFile(path, `${"z".repeat(63)}\n`)],
    [
      "that is a link",
      async () => {
        await writeFile(`${path}.else`, OTHER, { mode: 0o640 });
        await chown(`${path}.else`, 0, JOB_USER.gid);
        await chmod(`${path}.else`, 0o640);
        await rm(path);
        await symlink(`${path}.else`, path);
      },
    ],
  ])("in a file %s is made anew", async (_name, spoil) => {
    const before = await keep();
    await spoil();
    const after = await keep();
    expect(after).toMatch(/^[0-9a-f]{64}$/);
    expect([before, OTHER]).not.toContain(after);
    const { uid, gid, mode } = await stat(path);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 0, gid: JOB_USER.gid, mode: 0o640 });
    expect(await keep()).toBe(after);
  });
});
