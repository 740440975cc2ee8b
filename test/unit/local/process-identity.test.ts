import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { identifyProcess, identityFrom, isAlive } from "../../../scripts/local/process-identity.js";

describe("a process's identity", () => {
  test.each([
    [
      "a plain command",
      "7 (node) S 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 11 0 12345 0 0",
      { pid: 7, startTicks: "12345" },
    ],
    [
      "brackets in the command",
      "7 (a) S (b) R 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 11 0 99 0 0",
      { pid: 7, startTicks: "99" },
    ],
    ["a zombie", "7 (node) Z 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 11 0 12345 0 0", null],
    ["a torn line", "7 (node) S 1", null],
  ])("%s", (_, stat, identity) => {
    expect(identityFrom(7, stat)).toEqual(identity);
  });

  test("ends with the process, and is not that of another with the same pid", async () => {
    const child = spawn("sleep", ["60"]);
    const identity = identifyProcess(child.pid ?? 0);
    if (identity === null) throw new Error("sleep did not start");
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTicks: `${identity.startTicks}0` })).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(identity)).toBe(false);
  });
});
