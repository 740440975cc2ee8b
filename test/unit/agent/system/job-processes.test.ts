import { copyFile, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lastLines } from "../../../../agent/jobs/last-lines.js";
import type { JobFiles, JobProcesses } from "../../../../agent/jobs/ports.js";
import { createJobFiles } from "../../../../agent/system/job-files.js";
import { createJobProcesses } from "../../../../agent/system/job-processes.js";
import { fakeMpiexec, JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
let files: JobFiles;
let processes: JobProcesses;
let jobId: string;
let count = 0;

beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root.path, "shared", "job");
  files = createJobFiles(JOB_USER);
  processes = createJobProcesses(JOB_USER, join(root.path, "records"));
  jobId = `job-${process.pid}-${count++}`;
});
afterEach(async () => {
  await processes.signal(jobId, "SIGKILL");
  await root.remove();
});

/** Starts a copy of a stand-in for mpiexec that the job user can reach, the way that the runner starts mpiexec. */
async function start(
  name: string,
  words: string[] = [],
  environment: Record<string, string> = {},
  onExit = () => {},
) {
  await files.prepare(folder, { "pi.py": "print(1)\n" });
  const program = join(root.path, basename(name));
  await copyFile(fakeMpiexec(name), program);
  const argv = [program, ...words];
  const plan = {
    ranks: 1,
    argv,
    hosts: [],
    environment: { PATH: "/usr/bin:/bin", MUSTER_JOB_ID: jobId, ...environment },
  };
  await processes.start(jobId, folder, plan, onExit);
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`60 s and still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const hasEnded = async () => (await processes.observe(jobId)) === "ended";
const hasStarted = async () => (await files.read(folder, "output.log")) === "started\n";
const isAlive = async (id: string) => (await environmentsOf(id)).length > 0;

/** The environments of all processes that carry the job's id. */
async function environmentsOf(id: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")),
  );
  return environments.filter((environment) => environment.includes(`MUSTER_JOB_ID=${id}\0`));
}

describe("mpiexec's process", () => {
  test("gets its words untouched, runs as the job user in the job's folder, and leaves output and exit code", async () => {
    await start("prints-and-exits", ["-n", "4", "$(touch oops)", "a b", "; exit 9", "*"], { EXIT: "3" });
    await until(hasEnded, "ended");
    expect(await files.read(folder, "exit-code")).toBe("3\n");
    expect(await files.read(folder, "output.log")).toBe(
      `<-n>\n<4>\n<$(touch oops)>\n<a b>\n<; exit 9>\n<*>\nuid ${JOB_USER.uid} cwd ${folder} stdin /dev/null\n`,
    );
    await expect(stat(join(folder, "oops"))).rejects.toThrow("ENOENT");
  });

  test("sees nothing of the agent's environment", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "a secret";
    await start("hangs");
    const environments = await environmentsOf(jobId);
    expect(environments).not.toEqual([]);
    expect(environments.join()).not.toContain("AWS_");
  });

  test("wakes whoever started it when it ends", async () => {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    // The wake-up may come before the start has written down what it started.
    await start("prints-and-exits", [], {}, wake);
    await woken;
    expect(await hasEnded()).toBe(true);
  });

  test("killed by a signal leaves the code that a shell would give", async () => {
    await start("killed-by-signal");
    await until(hasEnded, "ended");
    expect(await files.read(folder, "exit-code")).toBe("137\n");
  });

  test("ends by SIGTERM with its own code, and what it left behind by SIGKILL", async () => {
    await start("hangs");
    await until(hasStarted, "started");
    await processes.signal(jobId, "SIGTERM");
    await until(hasEnded, "ended");
    expect(await files.read(folder, "exit-code")).toBe("255\n");
    expect(await isAlive(jobId)).toBe(true);
    await processes.signal(jobId, "SIGKILL");
    await until(async () => !(await isAlive(jobId)), "the rank in its own session is gone");
  });

  test("that ignores SIGTERM ends by SIGKILL, without an exit code", async () => {
    await start("ignores-sigterm");
    await until(hasStarted, "started");
    await processes.signal(jobId, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await processes.observe(jobId)).toBe("running");
    await processes.signal(jobId, "SIGKILL");
    await until(hasEnded, "ended");
    expect(await files.read(folder, "exit-code")).toBeNull();
  });

  test("is not started twice", async () => {
    await start("hangs");
    await until(hasStarted, "started");
    const record = () => readFile(join(root.path, "records", `${jobId}.json`), "utf8");
    const before = await record();
    const plan = { ranks: 1, argv: ["/bin/false"], hosts: [], environment: {} };
    await processes.start(jobId, folder, plan, () => {});
    expect(await record()).toBe(before);
    expect(await processes.observe(jobId)).toBe("running");
  });

  test("is found by the next agent, and unknown once forgotten", async () => {
    await start("hangs");
    const next = createJobProcesses(JOB_USER, join(root.path, "records"));
    expect(await next.observe(jobId)).toBe("running");
    await next.signal(jobId, "SIGKILL");
    await until(hasEnded, "ended");
    await next.forget(jobId);
    expect(await next.observe(jobId)).toBe("unknown");
  });

  test("that can't be started fails with the reason", async () => {
    await expect(
      processes.start(
        jobId,
        join(root.path, "missing"),
        { ranks: 1, argv: [], hosts: [], environment: {} },
        () => {},
      ),
    ).rejects.toThrow("ENOENT");
  });

  test("that prints 10 MB: its last lines are read without reading it all", async () => {
    await start("prints-10-mb");
    await until(hasEnded, "ended");
    const tail = await files.tail(folder, "output.log", 32_768);
    expect(tail).toMatchObject({ isWhole: false });
    const lines = lastLines(tail?.bytes ?? Buffer.alloc(0), false);
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe("last line");
  });
});
