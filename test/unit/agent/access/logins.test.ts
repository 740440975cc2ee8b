import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { countLogins, type ProcessFacts } from "../../../../agent/access/logins.js";
import { JOB_USER } from "../../../../agent/contract/node-accounts.js";
import { countLoginSessions, createLoginCounter } from "../../../../agent/system/login-sessions.js";

const PROGRAM = "/usr/lib/openssh/sshd-session";
const MANAGER = "/usr/bin/ssm-session-worker";
const { uid } = JOB_USER;
const monitor = (pid: number): ProcessFacts => ({ pid, parent: 1, uid: 0, program: PROGRAM });
const person = (pid: number, parent: number): ProcessFacts => ({ pid, parent, uid, program: PROGRAM });
const manager = (pid: number): ProcessFacts => ({ pid, parent: 1, uid: 0, program: MANAGER });

describe("logged in are", () => {
  test.each<[string, readonly ProcessFacts[], number]>([
    ["none", [], 0],
    ["one person", [monitor(10), person(11, 10)], 1],
    ["two people", [monitor(10), person(11, 10), monitor(20), person(21, 20)], 2],
    ["one, with a second process of the same connection", [monitor(10), person(11, 10), person(12, 10)], 1],
    ["not a stranger who only tries", [monitor(10), { ...person(11, 10), uid: 101 }], 0],
    ["not a connection of root's alone", [monitor(10)], 0],
    ["not a job that calls itself so", [person(11, 1)], 0],
    ["not a job's child of a job's", [person(11, 1), person(12, 11)], 0],
    ["not another program of root's", [{ ...monitor(10), program: "/usr/bin/python3" }, person(11, 10)], 0],
    ["two of Session Manager", [manager(3), manager(4)], 2],
    ["not a job that calls itself Session Manager's", [{ ...manager(3), uid }], 0],
    ["not another user", [monitor(10), { ...person(11, 10), uid: 1503 }], 0],
  ])("%s", (_name, processes, count) => {
    expect(countLogins(processes, uid)).toBe(count);
  });
});

describe("on this machine", () => {
  let proc: string;
  beforeEach(async () => {
    proc = await mkdtemp(join(tmpdir(), "muster-proc-"));
  });
  afterEach(() => rm(proc, { recursive: true }));
  async function add(
    pid: number,
    name: string,
    parent: number,
    owner: number,
    program = PROGRAM,
  ): Promise<void> {
    await mkdir(join(proc, `${pid}`));
    await writeFile(join(proc, `${pid}`, "comm"), `${name}\n`);
    await writeFile(
      join(proc, `${pid}`, "status"),
      `Name:\t${name}\nPPid:\t${parent}\nUid:\t${owner}\t${owner}\t${owner}\t${owner}\n`,
    );
    await symlink(program, join(proc, `${pid}`, "exe"));
  }

  test("they are counted by what /proc says of processes", async () => {
    await add(1, "systemd", 0, 0, "/usr/lib/systemd/systemd");
    await add(10, "sshd-session", 1, 0);
    await add(11, "sshd-session", 10, uid);
    // A job's program of that name.
    await add(12, "sshd-session", 1, uid, "/tmp/sshd-session");
    await add(14, "ssm-session-wor", 1, 0, MANAGER);
    await writeFile(join(proc, "uptime"), "1");
    await mkdir(join(proc, "13"));
    expect(await countLoginSessions(proc)).toBe(2);
  });

  test("a node where nobody was, and nothing has begun since, is not looked at again for a minute", async () => {
    let nowMs = 0;
    const newest = (pid: number) => writeFile(join(proc, "loadavg"), `0.00 0.01 0.05 1/123 ${pid}\n`);
    await newest(9);
    const count = createLoginCounter(() => nowMs, proc);
    expect(await count()).toBe(0);
    await add(10, "sshd-session", 1, 0);
    await add(11, "sshd-session", 10, uid);
    expect(await count()).toBe(0);
    await newest(11);
    expect(await count()).toBe(1);
    await rm(join(proc, "11"), { recursive: true });
    expect(await count()).toBe(0);
    await add(12, "sshd-session", 10, uid);
    nowMs = 60_000;
    expect(await count()).toBe(1);
  });

  test("where /proc can't be read, it is no zero", async () => {
    await expect(countLoginSessions(join(proc, "none"))).rejects.toThrow("ENOENT");
    await expect(createLoginCounter(() => 0, join(proc, "none"))()).rejects.toThrow("ENOENT");
  });
});
