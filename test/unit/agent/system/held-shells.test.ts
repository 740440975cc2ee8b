import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHeldShells, endLeftShells, type HeldShell } from "../../../../agent/system/held-shells.js";
import type { ReadyProcesses } from "../../../../agent/system/ready-processes.js";
import { waitFor } from "../../../../scripts/system/wait.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { temporaryFolder } from "../../../support/agent/job-user.js";

let own: TestCgroups;
let root: Awaited<ReturnType<typeof temporaryFolder>>;
let shells: ReadyProcesses<HeldShell>;
const file = (name: string): string => join(root.path, name);
const open = (ready: number) =>
  createHeldShells(own.cgroups, { kind: "job", ready, environment: { PATH: "/usr/bin:/bin", OWN: "a" } });
beforeEach(async () => {
  own = await testCgroups();
  root = await temporaryFolder();
  shells = open(0);
});
afterEach(async () => {
  await shells.close();
  await own.remove();
  await root.remove();
});

const untilGroups = (count: number) =>
  waitFor({
    what: `${count} groups`,
    timeoutSeconds: 60,
    everyMs: 20,
    look: () => own.cgroups.ids("job"),
    isDone: (ids) => ids.length === count,
    describe: (ids) => ids.join(", "),
  });
/** Its process has moved into the group: from then on it ends with that. Gives its process id. */
const untilJoined = async (group: string): Promise<number> => {
  const pids = await waitFor({
    what: "the shell in its group",
    timeoutSeconds: 60,
    everyMs: 20,
    look: () => own.cgroups.pids("job", group),
    isDone: (found) => found.length > 0,
    describe: (found) => found.join(", "),
  });
  return pids[0] ?? 0;
};
const untilEnded = ({ child }: HeldShell) =>
  waitFor({
    what: "the shell's end",
    timeoutSeconds: 60,
    everyMs: 20,
    look: async () => child.exitCode ?? child.signalCode,
    isDone: (end) => end !== null,
    describe: String,
  });
const become = (shell: HeldShell, script: string, ...words: string[]) =>
  new Promise<number | string | null>((resolve) => {
    const argv = ["/bin/sh", "-c", script, "sh", ...words];
    const files = [{ descriptor: 1, path: file("output"), appends: false }];
    shell.become({ argv, environment: { GIVEN: "b 'c'" }, files }, (code, signal) => resolve(code ?? signal));
  });
const output = () => readFile(file("output"), "utf8");

describe("a shell that waits", () => {
  test("becomes its program, as the same process, with its words, variables and files", async () => {
    const shell = await shells.take(true);
    const script =
      'echo $$ "$OWN" "$GIVEN"; printf "<%s>" "$@"; echo lost >&2; readlink /proc/self/fd/0; exit 3';
    expect(await become(shell, script, "a b", "'; exit 9 #", "$(id)\n\\", "*")).toBe(3);
    expect(await output()).toBe(
      `${shell.identity.pid} a b 'c'\n<a b><'; exit 9 #><$(id)\n\\><*>lost\n/dev/null\n`,
    );
  });

  test("is in its group before it is its program, and what it has started ends with that", async () => {
    const shell = await shells.take(true);
    const end = become(shell, "echo started; sleep 300 & exec sleep 300");
    await waitFor({
      ...{ what: "the program's start", timeoutSeconds: 60, everyMs: 20, describe: String },
      look: () => output().catch(() => ""),
      isDone: (text) => text === "started\n",
    });
    expect(await own.cgroups.pids("job", shell.group)).toContain(shell.identity.pid);
    await shell.empty();
    expect(await end).toBe("SIGKILL");
    expect(await own.cgroups.ids("job")).toEqual([]);
  });

  test("ends with the agent: nothing of it runs that the next agent does not know", async () => {
    const shell = await shells.take(true);
    (shell as unknown as { child: { stdin: { destroy(): void } } }).child.stdin.destroy();
    expect(await untilEnded(shell)).toBe(0);
  });

  test("gives the end of a program that could not be started", async () => {
    const shell = await shells.take(true);
    const end = new Promise((resolve) => {
      shell.become({ argv: ["/no/such/program"], environment: {}, files: [] }, resolve);
    });
    expect(await end).toBe(127);
  });
});

describe("shells that are kept", () => {
  test("are there before they are needed, and another takes the place of one that has ended", async () => {
    shells = open(1);
    const [group = ""] = await untilGroups(1);
    const pid = await untilJoined(group);
    await own.cgroups.empty("job", group);
    await waitFor({
      ...{ what: "the agent to see its end", timeoutSeconds: 60, everyMs: 20, describe: String },
      look: async () => existsSync(`/proc/${pid}`),
      isDone: (is) => !is,
    });
    const shell = await shells.take(true);
    expect(shell.group).not.toBe(group);
    expect(await become(shell, "exit 0")).toBe(0);
    await shell.empty();
  });

  test("are put away when the agent ends", async () => {
    shells = open(2);
    await untilGroups(2);
    await shells.close();
    expect(await own.cgroups.ids("job")).toEqual([]);
  });

  test("of an agent that was killed are put away by the next, but for those that are remembered", async () => {
    const [waiting, remembered] = [await shells.take(true), await shells.take(true)];
    for (const { group } of [waiting, remembered]) await untilJoined(group);
    await own.cgroups.make("job", "of-an-older-agent");
    await endLeftShells(own.cgroups, "job", [remembered.group]);
    expect(await untilEnded(waiting)).toBe("SIGKILL");
    expect(new Set(await own.cgroups.ids("job"))).toEqual(new Set([remembered.group, "of-an-older-agent"]));
    expect(remembered.child.exitCode).toBeNull();
    await remembered.empty();
  });
});
