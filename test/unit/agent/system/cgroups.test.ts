import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { cgroupLimits, delegatedFolder, usageOf } from "../../../../agent/system/cgroups.js";
import { confined } from "../../../../agent/system/confined.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER } from "../../../support/agent/job-user.js";

let own: TestCgroups;
beforeEach(async () => {
  own = await testCgroups();
});
afterEach(() => own.remove());

/** Runs a shell line confined as the job user; resolves with its standard output and its status. */
async function shell(line: string, options = {}): Promise<{ output: string; code: number | null }> {
  const folder = await own.cgroups.make("launch", "one");
  const [program, ...args] = confined(folder, JOB_USER, ["/bin/sh", "-c", line], options);
  const child = spawn(program, args, { cwd: "/", stdio: ["ignore", "pipe", "inherit"], env: {} });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return { output, code };
}

/** A zombie has ended: its new parent has only not asked for its status yet. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("a confined program", () => {
  test("is the user, with no other group and no capability, and can gain none", async () => {
    const { output } = await shell("cat /proc/self/status");
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(output)?.[1];
    expect(field("Uid")).toBe(Array(4).fill(JOB_USER.uid).join("\t"));
    expect(field("Gid")).toBe(Array(4).fill(JOB_USER.gid).join("\t"));
    expect(field("Groups")?.trim()).toBe("");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      expect([set, field(set)]).toEqual([set, "0000000000000000"]);
    }
    expect(field("NoNewPrivs")).toBe("1");
  });

  test("has a limit of open files, which it can not raise", async () => {
    const { output } = await shell("ulimit -Sn; ulimit -Hn; ulimit -n 4097 2>/dev/null || ulimit -Hn", {
      openFiles: 4_096,
    });
    expect(output).toBe("4096\n4096\n4096\n");
    const [soft, hard] = (await shell("ulimit -Sn; ulimit -Hn")).output.trim().split("\n").map(Number);
    expect(soft).toBe(hard);
    expect(hard).toBeLessThanOrEqual(65_536);
  });

  test("and everything that it starts stays in the group, even if it tries to leave", async () => {
    await shell("setsid env -i sleep 300 >/dev/null 2>&1 & (setsid sleep 300 >/dev/null 2>&1 &) ; sleep 0.2");
    const pids = await own.cgroups.pids("launch", "one");
    const names = pids.map((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim()).sort();
    expect(names).toEqual(["sleep", "sleep"]);
    await own.cgroups.empty("launch", "one");
    expect(await own.cgroups.pids("launch", "one")).toEqual([]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("with its own memory leaves none behind, and does not see others'", async () => {
    const name = `muster-test-${process.pid}`;
    writeFileSync(`/dev/shm/${name}`, "somebody else's");
    try {
      const line = `cat /dev/shm/${name} 2>/dev/null || echo none; echo own >/dev/shm/own-${name}; cat /dev/shm/own-${name}`;
      const { output, code } = await shell(line, { ownMemory: true });
      expect({ output, code }).toEqual({ output: "none\nown\n", code: 0 });
      expect(existsSync(`/dev/shm/own-${name}`)).toBe(false);
    } finally {
      rmSync(`/dev/shm/${name}`);
    }
  });

  test("can't leave the group, nor change it", async () => {
    const group = join(own.folder, "launch", "one");
    const { output } = await shell(
      `(echo 0 >${own.folder}/job/cgroup.procs || echo kept; echo 0 >${group}/../../cgroup.procs || echo kept; mkdir ${group}/below || echo kept; echo max >${group}/cgroup.freeze || echo kept) 2>/dev/null`,
    );
    expect(output).toBe("kept\nkept\nkept\nkept\n");
  });
});

describe("a group", () => {
  test("with processes that keep forking is emptied for good", async () => {
    const forks = shell("f() { sleep 300 & f & }; f >/dev/null 2>&1 & sleep 1; :");
    await forks;
    expect((await own.cgroups.pids("launch", "one")).length).toBeGreaterThan(5);
    await own.cgroups.empty("launch", "one");
    expect(existsSync(join(own.folder, "launch", "one"))).toBe(false);
  });

  test("that is not there is empty, and may be emptied", async () => {
    expect(await own.cgroups.pids("job", "none")).toEqual([]);
    await own.cgroups.empty("job", "none");
    expect(await own.cgroups.outOfMemoryKills("job", "none")).toBe(0);
  });

  test("may be made twice", async () => {
    expect(await own.cgroups.make("job", "a")).toBe(await own.cgroups.make("job", "a"));
  });
});

describe("what a group has used", () => {
  test.each<[string, string, string | undefined, number | null, number]>([
    ["with memory counted", "usage_usec 1500000\nuser_usec 1\n", "4096\n", 4096, 1.5],
    ["without", "usage_usec 20\n", undefined, null, 0.00002],
    ["of another kernel", "user_usec 20\n", "max\n", null, 0],
  ])("is read %s", (_name, cpu, peak, peakMemoryBytes, cpuSeconds) => {
    expect(usageOf(cpu, peak)).toEqual({ peakMemoryBytes, cpuSeconds });
  });

  test("counts what its ended processes used, until it is emptied", async () => {
    await shell("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done");
    expect((await own.cgroups.usage("launch", "one"))?.cpuSeconds).toBeGreaterThan(0);
    await own.cgroups.empty("launch", "one");
    expect(await own.cgroups.usage("launch", "one")).toBeNull();
  });
});

describe("the folder that systemd delegates", () => {
  test("is the parent of the agent's own cgroup", () => {
    expect(delegatedFolder("0::/system.slice/muster-agent.service/agent\n")).toBe(
      "/sys/fs/cgroup/system.slice/muster-agent.service",
    );
  });

  test.each(["0::/system.slice/muster-agent.service\n", "4:pids:/x\n", ""])(
    "is refused in %j, with what the unit needs",
    (text) => {
      expect(() => delegatedFolder(text)).toThrow(/Delegate=yes and DelegateSubgroup=agent/);
    },
  );
});

test.each([
  ["4 GiB", 4 * 2 ** 30, 3.5 * 2 ** 30],
  ["1 GiB", 2 ** 30, 0.75 * 2 ** 30],
  ["384 GiB", 384 * 2 ** 30, Math.floor(384 * 0.95 * 2 ** 30)],
])("of %s a job gets what the agent and the system need not", (_name, total, memoryBytes) => {
  expect(cgroupLimits(total)).toEqual({ processes: 16_384, memoryBytes });
});
