import { existsSync, mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { applyEfs } from "../../../../scripts/local/hosts/system/efs.js";
import type { AccessPoint } from "../../../../scripts/local/hosts/view.js";

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o750 };
const accessPoint = (path: string, creation: AccessPoint["creation"] = owner): AccessPoint => ({
  id: "fsap-1",
  fileSystemId: "fs-1",
  path,
  creation,
});

describe("EFS as folders", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "efs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const link = (): string => join(folder, ".access-points/fsap-1");

  test("an access point's root directory is made once, with its owner's mode", () => {
    const view = { fileSystemIds: ["fs-1"], accessPoints: [accessPoint("/a/b")] };
    applyEfs(folder, view);
    writeFileSync(join(folder, "fs-1/a/b/kept"), "");
    applyEfs(folder, view);
    expect(statSync(link()).mode & 0o777).toBe(0o750);
    expect(existsSync(join(link(), "kept"))).toBe(true);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("the folders above a root directory are root's and open to read, the root directory its owner's alone", () => {
    const before = process.umask(0o077);
    try {
      const agents = { ...owner, mode: 0o700 };
      const shared = { ...accessPoint("/clusters/u/shared", { ...owner, mode: 0o755 }), id: "fsap-2" };
      applyEfs(folder, {
        fileSystemIds: ["fs-1"],
        accessPoints: [accessPoint("/clusters/u/agents", agents), shared],
      });
    } finally {
      process.umask(before);
    }
    const modeOf = (path: string): string => (statSync(join(folder, "fs-1", path)).mode & 0o777).toString(8);
    expect(["", "clusters", "clusters/u"].map(modeOf)).toEqual(["755", "755", "755"]);
    expect(["clusters/u/agents", "clusters/u/shared"].map(modeOf)).toEqual(["700", "755"]);
    for (const path of ["", "clusters", "clusters/u"]) {
      expect(statSync(join(folder, "fs-1", path)).uid).toBe(process.getuid?.() ?? 0);
    }
    expect(readlinkSync(link())).toBe("../fs-1/clusters/u/agents");
  });

  test("without creation info the directory has to be there", () => {
    applyEfs(folder, { fileSystemIds: ["fs-1"], accessPoints: [accessPoint("/a", null)] });
    expect(existsSync(link())).toBe(false);
  });

  test("what the account no longer has goes", () => {
    applyEfs(folder, { fileSystemIds: ["fs-1", "fs-2"], accessPoints: [accessPoint("/a")] });
    applyEfs(folder, { fileSystemIds: ["fs-2"], accessPoints: [] });
    expect(existsSync(join(folder, "fs-1"))).toBe(false);
    expect(existsSync(join(folder, "fs-2"))).toBe(true);
    expect(() => readlinkSync(link())).toThrow("ENOENT");
  });

  test("a path can't climb out of its file system", () => {
    applyEfs(folder, { fileSystemIds: ["fs-1"], accessPoints: [accessPoint("/../../out")] });
    expect(existsSync(join(folder, "fs-1/out"))).toBe(true);
    expect(existsSync(join(folder, "../out"))).toBe(false);
  });

  test("a link that a node made fails instead of leading out", () => {
    applyEfs(folder, { fileSystemIds: ["fs-1", "fs-2"], accessPoints: [] });
    symlinkSync(join(folder, "fs-2"), join(folder, "fs-1/link"));
    const view = { fileSystemIds: ["fs-1", "fs-2"], accessPoints: [accessPoint("/link/in")] };
    expect(() => applyEfs(folder, view)).toThrow("leads out of fs-1");
    expect(existsSync(join(folder, "fs-2/in"))).toBe(false);
  });
});
