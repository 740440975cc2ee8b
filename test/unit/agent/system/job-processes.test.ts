import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, open, readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LAUNCH_USER } from "../../../../agent/contract/node-accounts.js";
import { lastLines } from "../../../../agent/jobs/last-lines.js";
import type { LaunchPlan } from "../../../../agent/jobs/launch-plan.js";
import { createJobProcesses } from "../../../../agent/system/job-processes.js";
import { createJobRecords, type JobRecordFiles } from "../../../../agent/system/job-records.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { fakeMpiexec, JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

/** Who mpiexec, and what records a program alone, runs as. */
const RECORDER = process.getuid?.() === 0 ? { uid: LAUNCH_USER.uid, gid: LAUNCH_USER.gid } : JOB_USER;
let root: Awaited<ReturnType<typeof temporaryFolder>>;
let own: TestCgroups;
let records: JobRecordFiles;
let processes: ReturnType<typeof openProcesses>;
let jobId: string;
let count = 0;
const of = (attempt = 1) => ({ jobId, attempt });

const openProcesses = () =>
  createJobProcesses({
    cgroups: own.cgroups,
    records,
    user: RECORDER,
    jobUser: JOB_USER,
    alone: resolve("agent/launcher/alone.py"),
    folder: join(root.path, "processes"),
  });
beforeEach(async () => {
  root = await temporaryFolder();
  own = await testCgroups();
  records = createJobRecords(join(root.path, "records"));
  processes = openProcesses();
  jobId = `job-${process.pid}-${count++}`;
});
afterEach(async () => {
  await own.remove();
  await root.remove();
});

const planOf = (argv: readonly string[], environment: Record<string, string> = {}): LaunchPlan => ({
  ranks: 1,
  mpiexec: (hostfile) => [...argv, hostfile],
  alone: null,
  hosts: [{ address: "10.0.0.1", cores: 2 }],
  hostfile: "10.0.0.1:2\n",
  environment: { PATH: "/usr/bin:/bin", ...environment },
});

/** Starts a copy of a stand-in for mpiexec that its user can reach, the way that the runner starts mpiexec. */
async function start(
  name: string,
  words: string[] = [],
  environment: Record<string, string> = {},
  onExit = () => {},
) {
  const program = join(root.path, basename(name));
  await copyFile(fakeMpiexec(name), program);
  await processes.start(of(), planOf([program, ...words], environment), onExit);
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`60 s and still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const hasEnded = async () => (await processes.observe(jobId)) === "ended";
const output = async () => (await records.outputEnd(of(), 65_536))?.bytes.toString();
/** The processes of all jobs: a job's cgroup may have another name than the job. */
const pidsOfJobs = async () => {
  const groups = await own.cgroups.ids("job");
  return (await Promise.all(groups.map((id) => own.cgroups.pids("job", id)))).flat();
};
const hasStarted = async () => (await output()) === "started\n";

describe("an mpiexec that is got ready beside its job's claim", () => {
  async function planFor(name: string, words: string[] = [], hostfile = "10.0.0.1:2\n"): Promise<LaunchPlan> {
    const program = join(root.path, basename(name));
    await copyFile(fakeMpiexec(name), program);
    return { ...planOf([program, ...words], { EXIT: "3" }), hostfile };
  }
  const isDecided = (answer: Promise<boolean>) =>
    Promise.race([answer.then(() => true), new Promise((resolve) => setTimeout(resolve, 50, false))]);
  const heldFiles = async () =>
    (await readdir(root.path, { recursive: true })).filter((name) => /held.*\//.test(name));
  /** The exit code of what is held. */
  const heldText = async () => {
    const [path] = (await heldFiles()).filter((name) => name.endsWith("exit-code"));
    return path === undefined ? null : readFile(join(root.path, path), "utf8");
  };
  const hasNoProcess = async () => (await pidsOfJobs()).length === 0;

  test("is the one that starts, with the attempt's records; until then its launchers wait", async () => {
    const plan = await planFor("prints-and-exits", ["-n", "4"]);
    processes.getReady(of(), plan);
    const launcher = processes.mayLaunch(jobId);
    expect(await isDecided(launcher)).toBe(false);
    // Nothing of it counts as started.
    expect(await processes.ids()).toEqual([]);
    expect(await processes.observe(jobId)).not.toBe("running");
    expect(await records.ids()).toEqual([]);
    let exits = 0;
    await processes.start(of(), plan, () => {
      exits += 1;
    });
    expect(await launcher).toBe(true);
    await until(hasEnded, "ended");
    await until(async () => exits === 1, "its end is heard");
    expect(await output()).toContain("<-n>\n<4>\n");
    expect(await records.exitCode(of())).toBe(3);
    expect(await processes.exitCode(jobId)).toEqual({ attempt: 1, exitCode: 3 });
    for (const name of ["output.log", "exit-code"])
      expect((await stat(join(root.path, "records", jobId, "1", name))).mode & 0o777).toBe(0o600);
    expect(await processes.ids()).toEqual([jobId]);
    // Removed, its log takes no room under another name.
    await records.remove(of());
    await until(async () => (await heldFiles()).length === 0, "nothing is held");
  });

  test("that ends before it is started has its output and exit code all the same", async () => {
    const plan = await planFor("prints-and-exits", ["-n", "4"]);
    processes.getReady(of(), plan);
    await until(async () => (await heldText()) === "3\n", "it has ended");
    await until(hasNoProcess, "nothing of it is left");
    let exits = 0;
    await processes.start(of(), plan, () => {
      exits += 1;
    });
    expect([exits, await records.exitCode(of())]).toEqual([1, 3]);
    expect(await output()).toContain("<-n>\n<4>\n");
  });

  test("is ended where the launch is another one, and that one runs", async () => {
    processes.getReady(of(), await planFor("hangs", [], "10.0.0.1:2\n10.0.0.2:2\n"));
    const launcher = processes.mayLaunch(jobId);
    await processes.start(of(), await planFor("prints-and-exits", ["-n", "2"]), () => {});
    expect(await launcher).toBe(false);
    await until(hasEnded, "ended");
    expect(await output()).toContain("<-n>\n<2>\n");
    expect(await processes.hostfile(jobId)).toBe("10.0.0.1:2\n");
    await processes.forget(jobId);
    expect(await hasNoProcess()).toBe(true);
  });

  test("starts nothing where another agent has taken the attempt, and ends", async () => {
    const plan = await planFor("hangs");
    processes.getReady(of(), plan);
    const launcher = processes.mayLaunch(jobId);
    await createJobRecords(join(root.path, "records")).forestall(of());
    await expect(processes.start(of(), plan, () => {})).rejects.toThrow("another agent has taken attempt 1");
    expect(await launcher).toBe(false);
    expect(await hasNoProcess()).toBe(true);
    expect(await processes.ids()).toEqual([]);
  });

  test("ends where its agent was killed before it was started", async () => {
    processes.getReady(of(), await planFor("hangs"));
    await until(async () => !(await hasNoProcess()), "it runs");
    const next = openProcesses();
    await next.restore();
    expect(await hasNoProcess()).toBe(true);
    expect(await next.observe(jobId)).not.toBe("running");
    expect(await next.mayLaunch(jobId)).toBe(true);
    expect(await heldFiles()).toEqual([]);
  });

  test("ends with its agent, and leaves no files", async () => {
    processes.getReady(of(), await planFor("hangs"));
    await until(async () => !(await hasNoProcess()), "it runs");
    await processes.close();
    expect(await hasNoProcess()).toBe(true);
    expect(await readdir(join(root.path, "processes"))).toEqual([]);
    expect(await heldFiles()).toEqual([]);
  });
});

describe("mpiexec's process", () => {
  test("gets its words untouched, runs as its own user, and leaves output and exit code", async () => {
    await start("prints-and-exits", ["-n", "4", "$(touch oops)", "a b", "; exit 9", "*"], { EXIT: "3" });
    await until(hasEnded, "ended");
    expect(await records.exitCode(of())).toBe(3);
    const hostfile = join(root.path, "processes", `${jobId}.hosts`);
    expect(await output()).toBe(
      `<-n>\n<4>\n<$(touch oops)>\n<a b>\n<; exit 9>\n<*>\n<${hostfile}>\nuid ${RECORDER.uid} cwd / stdin /dev/null\n`,
    );
    expect(await readFile(hostfile, "utf8")).toBe("10.0.0.1:2\n");
  });

  test("sees nothing of the agent's environment", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "a secret";
    await start("hangs");
    await until(hasStarted, "started");
    const pids = await pidsOfJobs();
    expect(pids).not.toEqual([]);
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")),
    );
    expect(environments.join()).not.toContain("AWS_");
  });

  test("keeps its records where its user can't open them by any path, for any user of the ranks", async () => {
    await start("hangs");
    for (const name of ["output.log", "exit-code"]) {
      const { mode, uid } = await stat(join(root.path, "records", jobId, "1", name));
      expect({ name, mode: mode & 0o777, uid }).toEqual({ name, mode: 0o600, uid: 0 });
    }
    expect((await stat(join(root.path, "records", jobId, "1"))).mode & 0o777).toBe(0o700);
  });

  test("begins with empty records, even if an earlier start left some", async () => {
    const earlier = await records.begin(of());
    await earlier.output.write("old");
    await earlier.exitCode.write("0\n");
    await earlier.close();
    await start("hangs");
    await until(hasStarted, "started");
    expect(await records.exitCode(of())).toBeNull();
  });

  test("wakes the runner when it ends", async () => {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    // The wake-up may come before the start has written down what it started.
    await start("prints-and-exits", [], {}, wake);
    await woken;
    await until(hasEnded, "ended");
  });

  test("killed by a signal leaves the code that a shell would give", async () => {
    await start("killed-by-signal");
    await until(hasEnded, "ended");
    expect(await records.exitCode(of())).toBe(137);
  });

  test("that writes to a proxy which has ended goes on", async () => {
    await start("writes-to-nobody");
    await until(hasEnded, "ended");
    expect(await records.exitCode(of())).toBe(7);
  });

  test("ends by SIGTERM with its own code, and what it left behind by SIGKILL", async () => {
    await start("hangs");
    await until(hasStarted, "started");
    await processes.signal(jobId, "SIGTERM");
    await until(async () => (await records.exitCode(of())) !== null, "exited");
    expect(await records.exitCode(of())).toBe(255);
    expect(await processes.observe(jobId)).toBe("running");
    await processes.signal(jobId, "SIGKILL");
    expect(await processes.observe(jobId)).toBe("ended");
  });

  test("that ignores SIGTERM ends by SIGKILL, without an exit code", async () => {
    await start("ignores-sigterm");
    await until(hasStarted, "started");
    await processes.signal(jobId, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await processes.observe(jobId)).toBe("running");
    await processes.signal(jobId, "SIGKILL");
    expect(await processes.observe(jobId)).toBe("ended");
    expect(await records.exitCode(of())).toBeNull();
  });

  test("is not started twice", async () => {
    await start("hangs");
    await until(hasStarted, "started");
    const before = await pidsOfJobs();
    await processes.start(of(), planOf(["/bin/false"]), () => {});
    expect(await pidsOfJobs()).toEqual(expect.arrayContaining(before.slice(0, 1)));
    expect(await output()).toBe("started\n");
  });

  test("is found by the next agent, and unknown once forgotten", async () => {
    await start("hangs");
    await until(hasStarted, "started");
    const next = openProcesses();
    expect(await next.observe(jobId)).toBe("running");
    expect(await next.hostfile(jobId)).toBe("10.0.0.1:2\n");
    await next.signal(jobId, "SIGKILL");
    expect(await next.observe(jobId)).toBe("ended");
    await next.forget(jobId);
    expect(await next.observe(jobId)).toBe("unknown");
    expect(await next.hostfile(jobId)).toBeNull();
  });

  test("that can't be found leaves the shell's code for it", async () => {
    await processes.start(of(), planOf(["/no/such/mpiexec"]), () => {});
    await until(hasEnded, "ended");
    expect(await records.exitCode(of())).toBe(127);
  });

  test("that prints 10 MB: its last lines are read without reading it all", async () => {
    await start("prints-10-mb");
    await until(hasEnded, "ended");
    const end = await records.outputEnd(of(), 32_768);
    expect(end).toMatchObject({ isWhole: false });
    const lines = lastLines(end?.bytes ?? Buffer.alloc(0), false);
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe("last line");
  });
});

describe("a program without MPI", () => {
  const alone = (code: string, before: readonly string[] = []): LaunchPlan => ({
    ...planOf(["/bin/false"]),
    alone: [...before, "/bin/sh", "-c", code],
  });
  const run = async (code: string, before: readonly string[] = []) => {
    await processes.start(of(), alone(code, before), () => {});
    await until(async () => (await records.exitCode(of())) !== null, "exited");
  };

  test("runs as the job user, without rights, and leaves its output and exit code", async () => {
    await run('id -u; id -G; echo out; echo err >&2; grep -E "NoNewPrivs|CapBnd" /proc/self/status; exit 7');
    expect(await records.exitCode(of())).toBe(7);
    expect(await output()).toBe(
      `${JOB_USER.uid}\n${JOB_USER.gid}\nout\nerr\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n`,
    );
  });

  test("sees its own environment and nothing else's, and has no other file open", async () => {
    await run("/usr/bin/env; ls /proc/self/fd | tr '\\n' ' '", [
      "/usr/bin/env",
      "-i",
      "LD_DEBUG_OUTPUT=/x",
      "A=b c",
    ]);
    const lines = (await output())?.split("\n") ?? [];
    expect(lines).toEqual(expect.arrayContaining(["A=b c", "LD_DEBUG_OUTPUT=/x"]));
    expect(lines.join()).not.toMatch(/AWS_|PATH=\/usr\/bin:\/bin,.*PATH=/);
    // Standard input, output and error, and the folder that ls itself reads.
    expect(lines.at(-1)).toBe("0 1 2 3 ");
  });

  test("can't take back what it has printed, nor reach what holds it", async () => {
    const attempts = [
      "echo kept",
      "(: >/proc/self/fd/1) 2>/dev/null",
      "for pid in $PPID $(pgrep -u RECORDER); do kill -9 $pid 2>/dev/null && echo killed $pid; ls /proc/$pid/fd 2>/dev/null; done",
      "exit 0",
    ];
    await run(attempts.join("\n").replace("RECORDER", String(RECORDER.uid)));
    expect(await output()).toBe("kept\n");
    expect(await records.exitCode(of())).toBe(0);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGKILL", 137],
  ])("ended by %s has the code that a shell would give", async (signal, code) => {
    await run(`kill -${signal.slice(3)} $$`);
    expect(await records.exitCode(of())).toBe(code);
  });

  test("ends by SIGTERM, and its code is still written", async () => {
    await processes.start(of(), alone("echo started; exec sleep 300"), () => {});
    await until(hasStarted, "started");
    await processes.signal(jobId, "SIGTERM");
    await until(async () => (await records.exitCode(of())) !== null, "exited");
    expect(await records.exitCode(of())).toBe(143);
  });

  test("that leaves a process behind ends all the same, and all of its own output is there", async () => {
    await run("sleep 300 & i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo line $i; done; exit 4");
    expect(await records.exitCode(of())).toBe(4);
    expect((await output())?.endsWith("line 20000\n")).toBe(true);
    await processes.signal(jobId, "SIGKILL");
    expect(await processes.observe(jobId)).toBe("ended");
  });

  test("says what it used, until it is put away", async () => {
    await run("i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done");
    expect((await processes.usage(jobId))?.cpuSeconds).toBeGreaterThan(0);
    await processes.signal(jobId, "SIGKILL");
    expect(await processes.usage(jobId)).toBeNull();
  });

  test("that can't be found leaves the shell's code for it", async () => {
    await processes.start(of(), { ...alone(""), alone: ["/no/such/program"] }, () => {});
    await until(async () => (await records.exitCode(of())) !== null, "exited");
    expect(await records.exitCode(of())).toBe(127);
  });
});

describe("where the cluster's records have no room", () => {
  beforeEach(() => {
    const full = () => open("/dev/full", "a");
    const begin: JobRecordFiles["begin"] = async () => {
      const [output, exitCode] = [await full(), await full()];
      return {
        ...{ output, exitCode },
        paths: { output: "/dev/full", exitCode: "/dev/full" },
        close: async () => void (await Promise.all([output.close(), exitCode.close()])),
      };
    };
    records = { ...records, begin };
    processes = openProcesses();
  });

  test.each<[string, Partial<LaunchPlan>]>([
    ["mpiexec's", { mpiexec: () => ["/bin/sh", "-c", "exit 7"] }],
    ["a program's", { alone: ["/bin/sh", "-c", "echo lost; exit 7"] }],
  ])("%s exit code is on the node, under its attempt, until it is forgotten", async (_name, plan) => {
    await processes.start(of(2), { ...planOf([]), ...plan }, () => {});
    await until(async () => (await openProcesses().exitCode(jobId)) !== null, "exited");
    expect(await processes.exitCode(jobId)).toEqual({ attempt: 2, exitCode: 7 });
    await until(hasEnded, "ended");
    await processes.forget(jobId);
    expect(await processes.exitCode(jobId)).toBeNull();
  });
});

/** What is recorded of a program alone whose output can't be written while Python's `fails(text)` holds. */
function record(fails: string, script: string) {
  const [code = "", own = "", flag = ""] = ["code", "own", "flag"].map((name) => join(root.path, name));
  const program = `
import errno, importlib.util, os, sys
spec = importlib.util.spec_from_file_location("alone", "agent/launcher/alone.py")
alone = importlib.util.module_from_spec(spec)
spec.loader.exec_module(alone)
write, write_output, tries = os.write, alone.Output.write, []
def failing(fd, text):
    if fd == 1:
        tries.append(fd)
        number = (${fails})(text)
        if number:
            raise OSError(number, "no")
    return write(fd, text)
def write_and_tell(output, text):
    write_output(output, text)
    open("${flag}", "w").close()
os.write, alone.Output.write = failing, write_and_tell
alone.RETRY_SECONDS, alone.FULL_SECONDS = 0.01, 0.05
alone.main(os.getuid(), os.getgid(), ["/bin/sh", "-c", sys.argv[1]])
`;
  const shell = 'exec 3>"$1" 4>"$2"; shift 2; exec /usr/bin/python3 -c "$@"';
  const output = execFileSync("/bin/sh", [
    ...["-c", shell, "sh", code, own, program],
    `flag=${flag}; ${script}`,
  ]).toString();
  return { output, code: readFileSync(code, "latin1"), own: readFileSync(own, "latin1") };
}

test.each([
  [
    "for a moment: nothing is lost",
    "lambda text: errno.ENOSPC if len(tries) < 4 else 0",
    "printf one; exit 5",
    "one",
  ],
  [
    "for too long: the output says what is missing",
    "lambda text: errno.EDQUOT if b'one' in text else 0",
    "printf one; until [ -e $flag ]; do sleep 0.01; done; printf two; exit 5",
    "\nmuster: 3 bytes of output are missing here: there was no room for them\ntwo",
  ],
  ["for good: the exit code is there", "lambda text: errno.EIO", "printf one; exit 5", ""],
])("where the output of a program alone can't be written %s", (_name, fails, script, output) => {
  expect(record(fails, script)).toEqual({ output, code: "5\n", own: "5\n" });
});

describe("an attempt's records", () => {
  test("are none before it runs, and may be removed twice", async () => {
    const none = { jobId: "job-none", attempt: 1 };
    expect(await records.exitCode(none)).toBeNull();
    expect(await records.outputEnd(none, 10)).toBeNull();
    expect(await records.outputs.measure(none)).toBeNull();
    expect(await records.outputs.read(none, 0, 10)).toBeNull();
    await records.remove(none);
    expect(await records.ids()).toEqual([]);
  });

  /** The records of an attempt that has printed `output` and ended with `code`. */
  async function written(attempt: number, output: string, code: string) {
    const open = await records.begin(of(attempt));
    await open.output.write(output);
    await open.exitCode.write(code);
    await open.close();
  }

  test("stay as they are while the job's next attempt begins, and go one by one", async () => {
    await written(1, "first", "3\n");
    await written(2, "second", "0\n");
    expect(await records.ids()).toEqual(expect.arrayContaining([of(1), of(2)]));
    expect(await records.exitCode(of(1))).toBe(3);
    expect((await records.outputEnd(of(1), 99))?.bytes.toString()).toBe("first");
    await records.remove(of(1));
    expect(await records.ids()).toEqual([of(2)]);
    expect(await records.exitCode(of(2))).toBe(0);
    await records.remove(of(2));
    expect(await readdir(join(root.path, "records"))).toEqual([]);
  });

  test.each([
    ["half a code", "25", null],
    ["a code", "25\n", 25],
    ["more than a code", "25\n1\n", null],
    ["no number", "ok\n", null],
  ])("with %s have the exit code %j as %j", async (_name, text, code) => {
    await written(1, "", text);
    expect(await records.exitCode(of())).toBe(code);
  });
});
