import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { countLogins, type ProcessFacts, parseProcess } from "../../../../agent/idle/login-processes.js";
import { createLoginWatch } from "../../../../agent/idle/logins.js";
import { bootTime, readBootTime, readLogins } from "../../../../agent/system/login-count.js";
import { manualClock } from "../../../support/manual-clock.js";

const process = (pid: number, parent: number, uid: number, name: string): ProcessFacts => ({
  pid,
  parent,
  uid,
  name,
});
const sshd = process(100, 1, 0, "sshd");

describe("people who are logged in", () => {
  test.each<[string, readonly ProcessFacts[], number]>([
    ["none where sshd only listens", [sshd], 0],
    [
      "one with a terminal",
      [
        sshd,
        process(7, 100, 0, "sshd-session"),
        process(8, 7, 1500, "sshd-session"),
        process(9, 8, 1500, "bash"),
      ],
      1,
    ],
    ["one of an older sshd", [sshd, process(7, 100, 0, "sshd"), process(8, 7, 1500, "sshd")], 1],
    [
      "one who is just proving who he is is none",
      [sshd, process(7, 100, 0, "sshd-session"), process(8, 7, 0, "sshd-session")],
      0,
    ],
    ["two of Session Manager", [process(3, 1, 0, "ssm-session-wor"), process(4, 1, 0, "ssm-session-wor")], 2],
    [
      "a job that calls itself so is none",
      [process(5, 1, 1500, "sshd-session"), process(6, 5, 1500, "sshd-session")],
      0,
    ],
    ["... nor one that calls itself Session Manager's", [process(5, 1, 1500, "ssm-session-wor")], 0],
  ])("%s", (_name, processes, expected) => {
    expect(countLogins(processes)).toBe(expected);
  });

  test("are read from a process's status, whatever its name is", () => {
    const status =
      "Name:\tsshd-session\nUmask:\t0022\nPid:\t8\nPPid:\t7\nUid:\t1500\t1500\t1500\t1500\nGid:\t1500\t0\n";
    expect(parseProcess(8, status)).toEqual(process(8, 7, 1500, "sshd-session"));
    expect(parseProcess(8, "")).toBeNull();
  });

  test("are counted on this machine", async () => {
    expect(await readLogins()).toBeGreaterThanOrEqual(0);
  });
});

describe("what a node reports of them", () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  function watched() {
    const clock = manualClock();
    const world = { logins: 0, isBroken: false };
    const watch = createLoginWatch({
      async count() {
        if (world.isBroken) throw new Error("no /proc");
        return world.logins;
      },
      clock,
      log: pino({ level: "silent" }),
    });
    const pass = async (ms: number) => {
      clock.advance(ms);
      await settle();
    };
    return { world, watch, pass };
  }

  test("is unknown before the first count", () => {
    expect(watched().watch.report()).toEqual({ source: "ssh", count: null, idleSeconds: null });
  });

  test("is the count, and for how long there was none", async () => {
    const { world, watch, pass } = watched();
    world.logins = 2;
    watch.start();
    await pass(0);
    expect(watch.report()).toEqual({ source: "ssh", count: 2, idleSeconds: 0 });
    world.logins = 0;
    for (let look = 0; look < 4; look++) await pass(5_000);
    expect(watch.report()).toEqual({ source: "ssh", count: 0, idleSeconds: 20 });
    await Promise.all([watch.stop(), pass(5_000)]);
  });

  test("is unknown again when the count fails for long", async () => {
    const { world, watch, pass } = watched();
    watch.start();
    await pass(0);
    world.isBroken = true;
    for (let look = 0; look < 8; look++) await pass(5_000);
    expect(watch.report()).toMatchObject({ count: null });
    await Promise.all([watch.stop(), pass(5_000)]);
  });
});

describe("when a machine booted", () => {
  const now = new Date("2026-01-01T12:00:00Z");

  test("is when its first process began", () => {
    const first = `1 (odd) name)) S 0 0 0 0 -1 4194560 1 1 0 0 0 0 0 0 20 0 1 0 36000 59695104 6066`;
    expect(bootTime({ uptime: "1000.00 5.00", first, now })).toEqual(new Date("2026-01-01T11:49:20Z"));
  });

  test("fails where /proc is none", () => {
    expect(() => bootTime({ uptime: "", first: "", now })).toThrow("can't be read");
  });

  test("is read on this machine, and is the same each time", async () => {
    const read = async () => (await readBootTime(new Date())).getTime();
    expect(Math.abs((await read()) - (await read()))).toBeLessThan(60_000);
  });
});
