import { describe, expect, test } from "@jest/globals";
import { followProgram } from "../../../../scripts/cli/system/follow-program.js";
import { groupsBelow, listProcesses } from "../../../../scripts/cli/system/process-groups.js";

const PATIENCE_MS = 60_000;

/** Runs a script, and stops it as soon as it prints "ready". */
async function follow(script: string, graceMs = PATIENCE_MS) {
  const stop = new AbortController();
  const lines: string[] = [];
  const exitCode = await followProgram(["/bin/sh", "-c", script], {
    env: { CI: "1" },
    onLine: (line) => {
      lines.push(line);
      if (line === "ready") stop.abort(new Error("enough"));
    },
    stop: stop.signal,
    graceMs,
  });
  return { lines, exitCode };
}

describe("a program that is followed", () => {
  test("gives the lines of both streams, the environment and its exit status, and has no input", async () => {
    const { lines, exitCode } = await follow("echo $CI; cat; echo two >&2; printf three; exit 3");
    expect([...lines].sort()).toEqual(["1", "three", "two"]);
    expect(exitCode).toBe(3);
  });

  test("gets one SIGINT, and ends by itself", async () => {
    const script =
      "count=0; trap 'count=$((count + 1))' INT; echo ready; sleep 1; sleep 1; echo $count; exit 7";
    expect(await follow(script)).toEqual({ lines: ["ready", "1"], exitCode: 7 });
  });

  test("does not get the SIGINT where what it has put into a session of its own can have it", async () => {
    const below = "trap 'echo below; exit 3' INT; echo ready; while :; do sleep 0.1; done";
    const script = `trap 'echo above' INT; setsid --wait /bin/sh -c "${below}"; exit $((4 + $?))`;
    expect(await follow(script)).toEqual({ lines: ["ready", "below"], exitCode: 7 });
  });

  test("is killed with all its children where it goes on after that", async () => {
    const { lines, exitCode } = await follow("trap '' INT; echo ready; sleep 600", 50);
    expect(lines).toEqual(["ready"]);
    expect(exitCode).toBe(137);
  });

  test("says after which signal it ended", async () => {
    expect((await follow("kill -TERM $$")).exitCode).toBe(143);
  });

  test("fails where it can't be started, or is stopped before", async () => {
    const options = { env: {}, onLine: () => undefined, graceMs: 1 };
    const never = new AbortController().signal;
    await expect(followProgram(["/no/such"], { ...options, stop: never })).rejects.toThrow("ENOENT");
    const stopped = AbortSignal.abort(new Error("before"));
    await expect(async () => followProgram(["/bin/true"], { ...options, stop: stopped })).rejects.toThrow(
      "before",
    );
  });
});

describe("the process groups below a process", () => {
  const row = (pid: number, parent: number, group: number) => ({ pid, parent, group });
  test("are led by the first that left its group, however deep, and not by what is below those", () => {
    const rows = [row(9, 8, 9), row(8, 7, 7), row(7, 1, 7), row(10, 9, 9), row(11, 9, 11), row(12, 7, 12)];
    expect(groupsBelow(7, rows)).toEqual([9, 12]);
  });

  test("of other processes do not count", () => {
    expect(groupsBelow(7, [row(7, 1, 7), row(8, 7, 7), row(20, 1, 20), row(0, 0, 0)])).toEqual([]);
  });

  test("of this machine can be seen", () => {
    const mine = listProcesses().find(({ pid }) => pid === process.pid);
    expect(mine?.parent).toBe(process.ppid);
  });
});
