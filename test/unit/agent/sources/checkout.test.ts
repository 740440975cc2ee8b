import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

test.each([
  ["its top is in it", "..", ""],
  ["a file is in it", "../a", ""],
  ["what is above its top is not", "../..", "'sub/link' is a link that leads out of the source"],
  ["what has its name as a beginning is not", "../../NAME-more", "'sub/link' is a link that leads out"],
])("of a checkout's links: %s", (_name, target, problem) => {
  const top = mkdtempSync(join(tmpdir(), "muster-checkout-"));
  try {
    mkdirSync(join(top, "sub"));
    writeFileSync(join(top, "a"), "");
    symlinkSync(target.replace("NAME", top.split("/").at(-1) ?? ""), join(top, "sub", "link"));
    const argv = ["-I", resolve("agent/sources/source.py"), "check", top, "1000", "10"];
    const { status, stderr } = spawnSync("/usr/bin/python3", argv, { encoding: "utf8" });
    expect(status).toBe(problem === "" ? 0 : 1);
    expect(stderr).toContain(problem);
  } finally {
    rmSync(top, { recursive: true });
  }
});
