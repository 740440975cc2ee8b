import { spawnSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LOGIN_GROUP } from "../../../../agent/contract/node-accounts.js";
import { readHostKeys, writeAuthorizedKeys, writeClusterKey } from "../../../../agent/system/ssh-files.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";
import { makeTestKey } from "../../../support/ssh-keys.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());
const at = (name: string) => join(folder.path, name);
const readAs = (path: string, groups: string) =>
  spawnSync("/usr/bin/setpriv", [`--reuid=${JOB_USER.uid}`, `--regid=${JOB_USER.gid}`, groups, "cat", path], {
    encoding: "utf8",
  });

describe("the node's host keys", () => {
  test("are type and key, without the comment", async () => {
    const { publicKey } = makeTestKey("-t", "ed25519");
    await writeFile(at("key.pub"), `${publicKey}\n`);
    expect(await readHostKeys(at("key.pub"))).toEqual([publicKey.split(" ").slice(0, 2).join(" ")]);
  });

  test.each([
    ["there is no file", null],
    ["the file is empty", ""],
    ["it is cut", "ssh-ed25519 AAAA"],
    ["it is a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA"],
  ])("are none where %s", async (_name, text) => {
    if (text !== null) await writeFile(at("key.pub"), text);
    expect(await readHostKeys(at("key.pub"))).toEqual([]);
  });
});

describe("what the agent writes", () => {
  test("the keys that may log in are root's, for everybody to read", async () => {
    const path = at("keys.d/muster");
    await writeAuthorizedKeys("one\n", path);
    await writeAuthorizedKeys("two\n", path);
    expect(await readFile(path, "utf8")).toBe("two\n");
    const { uid, gid, mode } = await stat(path);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 0, gid: 0, mode: 0o644 });
  });

  test("a file that says the same stays: a full disk then does no harm", async () => {
    const path = at("muster");
    await writeAuthorizedKeys("one\n", path);
    const { ino } = await stat(path);
    await writeAuthorizedKeys("one\n", path);
    expect((await stat(path)).ino).toBe(ino);
  });

  test("the cluster's key is read by those in the login group, and by no job", async () => {
    const path = at("run/cluster-key");
    await writeClusterKey("secret", path);
    expect((await stat(path)).mode & 0o7777).toBe(0o640);
    expect(readAs(path, `--groups=${LOGIN_GROUP.gid}`)).toMatchObject({ status: 0, stdout: "secret" });
    expect(readAs(path, "--clear-groups")).toMatchObject({ status: 1, stdout: "" });
  });
});
