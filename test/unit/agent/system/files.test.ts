import { describe, expect, test } from "@jest/globals";
import { run } from "../../../../agent/system/run.js";
import { isMountPoint } from "../../../../agent/system/shared-mount.js";

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
