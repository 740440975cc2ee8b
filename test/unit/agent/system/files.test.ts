import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openHostfile } from "../../../../agent/system/hostfile-file.js";
import { run } from "../../../../agent/system/run.js";
import { isMountPoint } from "../../../../agent/system/shared-mount.js";
import { AGENT_RIGHTS, temporaryFolder } from "../../../support/agent/job-user.js";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = root.path;
});
afterEach(() => root.remove());

describe.each(AGENT_RIGHTS)("the hostfile, written %s,", (_name, as) => {
  test("is written, replaced and removed; removing twice is fine", () =>
    as(async () => {
      const file = openHostfile(join(folder, ".hostfile"), "i-a");
      expect(await file.read()).toBeNull();
      await file.write("10.0.0.1:2\n");
      await file.write("10.0.0.1:2\n10.0.0.2:2\n");
      expect(await file.read()).toBe("10.0.0.1:2\n10.0.0.2:2\n");
      expect(await readdir(folder)).toEqual([".hostfile"]);
      await file.write(null);
      await file.write(null);
      expect(await file.read()).toBeNull();
    }));

  test("is never seen half-written, however often it is replaced", () =>
    as(async () => {
      const file = openHostfile(join(folder, ".hostfile"), "i-a");
      const texts = [10_000, 1].map((lines) => "10.0.0.1:2\n".repeat(lines));
      await file.write(texts[0] ?? "");
      let isWriting = true;
      const seen = new Set<string>();
      const reader = (async () => {
        while (isWriting) seen.add(await readFile(file.path, "utf8"));
      })();
      for (let i = 0; i < 40; i += 1) await file.write(texts[i % 2] ?? "");
      isWriting = false;
      await reader;
      expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
      expect(seen.size).toBeGreaterThan(0);
    }));

  test("stays as it was when the new one can't be written", () =>
    as(async () => {
      const path = join(folder, ".hostfile");
      await writeFile(path, "10.0.0.1:2\n");
      const file = openHostfile(path, "no-such-folder/i-a");
      await expect(file.write("10.0.0.9:2\n")).rejects.toThrow("ENOENT");
      expect(await readFile(path, "utf8")).toBe("10.0.0.1:2\n");
    }));
});

test.each([
  ["36 35 0:33 / /shared rw,relatime - nfs4 127.0.0.1:/ rw\n", true],
  ["36 35 0:33 / /shared/below rw,relatime - ext4 /dev/x rw\n", false],
  ["36 35 0:33 /shared / rw,relatime - ext4 /dev/x rw\n", false],
  ["", false],
])("%j mounts /shared: %p", (mountinfo, isMounted) => {
  expect(isMountPoint(mountinfo, "/shared")).toBe(isMounted);
});

describe("a program", () => {
  test("gives its output", async () => {
    expect(await run("echo", ["a b", "$HOME"], 60_000)).toBe("a b $HOME\n");
  });

  test.each([
    ["fails with what it said", ["sh", ["-c", "echo no room >&2; exit 3"], 60_000], "sh: no room"],
    ["fails without a word", ["sh", ["-c", "exit 3"], 60_000], "sh: exit 3"],
    ["is not there", ["/no/such/program", [], 60_000], "/no/such/program: exit ENOENT"],
    ["takes too long", ["sleep", ["20"], 100], "sleep: not done after 100 ms"],
  ] as [string, [string, string[], number], string][])(
    "that %s",
    async (_name, [file, argv, timeoutMs], message) => {
      await expect(run(file, argv, timeoutMs)).rejects.toThrow(message);
    },
  );
});
