import { describe, expect, test } from "@jest/globals";
import { run } from "../../../../agent/system/run.js";

const printing = (bytes: number) => ["-c", `head -c ${bytes} /dev/zero | tr '\\0' a`] as const;
const MIB = 1_048_576;

describe("a program that is run to its end", () => {
  test("gives what it prints, up to 1 MiB, or as much as is asked for", async () => {
    expect((await run("/bin/sh", printing(MIB), 20_000)).length).toBe(MIB);
    expect((await run("/bin/sh", printing(3 * MIB), 20_000, 4 * MIB)).length).toBe(3 * MIB);
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ["that prints more", printing(2 * MIB), 20_000, /^\/bin\/sh: exit ERR_CHILD_PROCESS_STDIO_MAXBUFFER$/],
    ["that fails, with its own words", ["-c", "echo why >&2; exit 3"], 20_000, /^\/bin\/sh: why$/],
    ["that fails without a word", ["-c", "exit 3"], 20_000, /^\/bin\/sh: exit 3$/],
    ["that takes too long", ["-c", "sleep 60"], 50, /^\/bin\/sh: not done after 50 ms$/],
  ])("%s is refused", async (_name, argv, timeoutMs, reason) => {
    await expect(run("/bin/sh", argv, timeoutMs)).rejects.toThrow(reason);
  });
});
