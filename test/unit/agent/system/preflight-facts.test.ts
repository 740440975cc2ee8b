import { mkdir, readdir, rm, rmdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createErrands } from "../../../../agent/system/errands.js";
import { createNodeKit } from "../../../../agent/system/node-kit.js";
import { createPreflightFacts } from "../../../../agent/system/preflight-facts.js";
import { createSharedToken } from "../../../../agent/system/shared-token.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let own: TestCgroups;
beforeEach(async () => {
  root = await temporaryFolder();
  own = await testCgroups();
});
afterEach(async () => {
  await own.remove();
  await root.remove();
});
const NONCE = "0123456789abcdef0123456789abcdef";

describe("the preflight's file", () => {
  const open = () => createSharedToken(createErrands(own.cgroups, JOB_USER), root.path);

  test("is written, read elsewhere, and gone afterwards", async () => {
    const shared = open();
    await shared.write(NONCE, "a token");
    expect(await open().read(NONCE)).toEqual({ token: "a token", problem: null });
    await shared.remove(NONCE);
    expect(await readdir(root.path)).toEqual([]);
  });

  test("that a lost head has left goes once it is old, and nothing else", async () => {
    const names = [".muster-preflight.old", ".muster-preflight.new", "results.old", ".muster-preflight.link"];
    for (const name of names.slice(0, 3)) await writeFile(join(root.path, name), "x");
    await symlink("/etc/hostname", join(root.path, names[3] ?? ""));
    await mkdir(join(root.path, "inner"));
    await writeFile(join(root.path, "inner", ".muster-preflight.old"), "x");
    const longAgo = Date.now() / 1_000 - 660;
    for (const name of [".muster-preflight.old", "results.old", "inner/.muster-preflight.old"])
      await utimes(join(root.path, name), longAgo, longAgo);
    await open().sweep();
    expect((await readdir(root.path)).sort()).toEqual([...names.slice(1), "inner"].sort());
    expect(await readdir(join(root.path, "inner"))).toHaveLength(1);
  });

  test("that is not there is a problem, in words", async () => {
    expect(await open().read(NONCE)).toEqual({
      token: null,
      problem: expect.stringContaining("No such file"),
    });
  });

  test("is never one that was there before", async () => {
    await symlink("/etc/hostname", join(root.path, `.muster-preflight.${NONCE}`));
    await expect(open().write(NONCE, "a token")).rejects.toThrow();
  });

  test("is not read further than a token may be long", async () => {
    await writeFile(join(root.path, `.muster-preflight.${NONCE}`), "x".repeat(10_000), { mode: 0o644 });
    expect((await open().read(NONCE)).token).toHaveLength(64);
  });
});

describe("what a node is made of", () => {
  const at = (name: string) => join(root.path, name);
  const kit = () => createNodeKit([at("packages"), at("python")], at("mpiexec"));
  const program = (text: string) => writeFile(at("mpiexec"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  test("is a digest of its packages and the version of MPI", async () => {
    await writeFile(at("packages"), "a=1\n");
    await writeFile(at("python"), "b==2\n");
    await program(`printf 'HYDRA build details:\\n    Version:                                 5.0.2\\n'`);
    const before = await kit()();
    expect(before).toEqual({ image: expect.stringMatching(/^sha256:[0-9a-f]{16}$/), runtime: "MPICH 5.0.2" });
    expect(await kit()()).toEqual(before);
  });

  test("is read again once a file has changed, and not before", async () => {
    await writeFile(at("packages"), "a=1\n");
    await writeFile(at("python"), "b==2\n");
    await program(`echo x >>${at("runs")}; echo 'Version: 5.0.2'`);
    const read = kit();
    const first = await read();
    await read();
    expect(await readdir(root.path)).toContain("runs");
    await writeFile(at("packages"), "a=2\n");
    await utimes(at("packages"), 1, 1);
    const second = await read();
    expect(second.image).not.toBe(first.image);
    expect(second.runtime).toBe("MPICH 5.0.2");
    await rm(at("runs"));
    await read();
    expect(await readdir(root.path)).not.toContain("runs");
    await program("echo 'Version: 4.3.0'");
    expect((await read()).runtime).toBe("MPICH 4.3.0");
  });

  test("is not known where the lists or mpiexec are missing, or mpiexec fails", async () => {
    expect(await kit()()).toEqual({ image: null, runtime: null });
    await program("exit 1");
    expect((await kit()()).runtime).toBeNull();
  });
});

describe("a node's facts", () => {
  const facts = () =>
    createPreflightFacts({
      ...{ instanceId: "i-a", agentVersion: "1.2.3", cores: async () => 2, cgroups: own.cgroups },
      kit: async () => ({ image: "sha256:aa", runtime: "MPICH 5.0.2" }),
      readShared: async (nonce) => ({ token: nonce, problem: null }),
    });

  test("are all there, read at once", async () => {
    expect(await facts()(NONCE)).toEqual({
      ...{ instanceId: "i-a", agentVersion: "1.2.3", image: "sha256:aa", runtime: "MPICH 5.0.2", cores: 2 },
      ...{ shared: { token: NONCE, problem: null }, cgroup: null },
    });
  });

  test("say that there is no cgroup to keep a job in", async () => {
    await rmdir(join(own.folder, "launch"));
    expect((await facts()(NONCE)).cgroup).toMatch(/ENOENT/);
    await mkdir(join(own.folder, "launch"));
  });
});
