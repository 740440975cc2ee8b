import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";

// The kernels' modules need no more than Python's own library where they decide; what they do to processes, test/e2e/notebooks has.
const files = readdirSync(__dirname).filter((name) => /^test_\w+\.py$/.test(name));

describe("the modules of notebooks' kernels", () => {
  test.each(files)("%s", (name) => {
    const { status, stderr } = spawnSync("python3", ["-B", join(__dirname, name)], {
      env: { ...process.env, PYTHONPATH: resolve("agent/kernels") },
      encoding: "utf8",
    });
    const count = Number(/^Ran (\d+) tests? in/m.exec(stderr)?.[1]);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(count).toBeGreaterThan(0);
  });
});
