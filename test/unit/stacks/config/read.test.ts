import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readAtMost } from "../../../../stacks/config/system/read.js";

test("a file is read to its limit, and none that is larger", () => {
  const folder = mkdtempSync(join(tmpdir(), "read-"));
  const file = join(folder, "script.sh");
  writeFileSync(file, "0123456789");
  try {
    expect(String(readAtMost(file, 10))).toBe("0123456789");
    expect(readAtMost(file, 9)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a file that says it is empty, and is not, is read whole", () => {
  const file = "/proc/version";
  expect(String(readAtMost(file, 10_000))).toBe(readFileSync(file, "utf8"));
});

test("what the shell has opened for this process is no file where it is a device", () => {
  const descriptor = openSync("/dev/null", "r");
  try {
    expect(() => readAtMost(`/dev/fd/${descriptor}`, 10)).toThrow("it is a device, and not a file");
  } finally {
    closeSync(descriptor);
  }
});
