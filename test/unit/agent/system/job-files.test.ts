import { execFileSync } from "node:child_process";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { JobFiles } from "../../../../agent/jobs/ports.js";
import { createJobFiles } from "../../../../agent/system/job-files.js";
import { AGENT_RIGHTS, JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
let files: JobFiles;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root.path, "a", "b", "job");
  files = createJobFiles(JOB_USER);
});
afterEach(() => root.remove());

describe.each(AGENT_RIGHTS)("a job's folder, %s,", (_name, as) => {
  test("is made with its files, the job user's and nobody else's to enter", () =>
    as(async () => {
      await files.prepare(folder, { "pi.py": "print(1)\n" });
      const { mode, uid, gid } = await stat(folder);
      expect({ mode: mode & 0o7777, uid, gid }).toEqual({ mode: 0o750, ...JOB_USER });
      expect(await readFile(join(folder, "pi.py"), "utf8")).toBe("print(1)\n");
    }));

  test("made again loses what an earlier attempt left, and keeps the rest", () =>
    as(async () => {
      await files.prepare(folder, { "pi.py": "old" });
      await writeFile(join(folder, "exit-code"), "0\n");
      await writeFile(join(folder, "output.log"), "old");
      await writeFile(join(folder, "result.npy"), "kept");
      await files.prepare(folder, { "pi.py": "new" });
      expect(await files.read(folder, "exit-code")).toBeNull();
      expect(await files.read(folder, "output.log")).toBeNull();
      expect(await files.read(folder, "pi.py")).toBe("new");
      expect(await files.read(folder, "result.npy")).toBe("kept");
    }));

  test("a link that a job has set is replaced, not written through", () =>
    as(async () => {
      const victim = join(root.path, "victim");
      await writeFile(victim, "untouched");
      await mkdir(folder, { recursive: true });
      for (const name of ["pi.py", ".pi.py.part"]) await symlink(victim, join(folder, name));
      await files.prepare(folder, { "pi.py": "new" });
      expect(await readFile(victim, "utf8")).toBe("untouched");
      expect(await files.read(folder, "pi.py")).toBe("new");
    }));

  test("a link or a pipe in the place of the output is not read", () =>
    as(async () => {
      const secret = join(root.path, "secret");
      await writeFile(secret, "root's own");
      await mkdir(folder, { recursive: true });
      await symlink(secret, join(folder, "output.log"));
      await expect(files.tail(folder, "output.log", 100)).rejects.toThrow(/is a symbolic link/);
      execFileSync("/usr/bin/mkfifo", [join(folder, "exit-code")]);
      await expect(files.tail(folder, "exit-code", 100)).rejects.toThrow(/not a regular file/);
      expect(await files.read(folder, "exit-code")).toBeNull();
    }));

  test("the end of a file is read, and whether that is all of it", () =>
    as(async () => {
      await files.prepare(folder, { log: "0123456789" });
      expect(await files.tail(folder, "log", 4)).toEqual({ bytes: Buffer.from("6789"), isWhole: false });
      expect(await files.tail(folder, "log", 10)).toEqual({
        bytes: Buffer.from("0123456789"),
        isWhole: true,
      });
      expect(await files.tail(folder, "none", 4)).toBeNull();
    }));
});
