import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JOB_USER, LAUNCH_USER } from "../contract/node-accounts.js";
import type { LaunchPlan } from "../jobs/launch-plan.js";
import type { AttemptId, JobProcesses } from "../jobs/ports.js";
import { type Clock, systemClock } from "../time/clock.js";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined, inCgroup } from "./confined.js";
import { openExitCode, readExitCode } from "./exit-codes.js";
import { endLeftShells } from "./held-shells.js";
import type { JobRecordFiles } from "./job-records.js";
import { createMpiexecProcesses, type MpiexecProcesses } from "./mpiexec-processes.js";
import { openProcessRecords } from "./process-records.js";
import { identityOf, isRunning, type ProcessIdentity, sendSignal } from "./processes.js";
import { unlessMissing } from "./unless-missing.js";

/** Where a node remembers the jobs that it runs: gone after a reboot, as the processes are. */
const JOB_RECORDS = "/run/muster/jobs";

const ALONE_PROGRAM = "/usr/lib/muster/alone.py";
const PYTHON = "/usr/bin/python3";

export interface JobProcessesDeps {
  readonly cgroups: Cgroups;
  readonly records: JobRecordFiles;
  readonly user?: ConfinedUser;
  /** Who a job without MPI runs as; ranks become it on their own nodes. */
  readonly jobUser?: ConfinedUser;
  /** The program that runs one: agent/launcher/alone.py. */
  readonly alone?: string;
  /** Where the processes and their hostfiles are remembered. */
  readonly folder?: string;
  /** For how many mpiexecs a shell waits. */
  readonly ready?: number;
  readonly clock?: Pick<Clock, "sleep">;
}

/** `group`: its cgroup's name; missing: the job's id. */
interface JobRecord extends ProcessIdentity {
  readonly group?: string;
}

/** The jobs' processes, for the agent that keeps shells for them. */
interface KeptJobProcesses extends JobProcesses {
  /** See MpiexecProcesses. */
  readonly mayLaunch: MpiexecProcesses["mayLaunch"];
  /** Puts away what an agent of before has kept. Call it once, first. */
  restore(): Promise<void>;
  /** Ends the shells that wait. Call it once, last. */
  close(): Promise<void>;
}

/**
 * The jobs' mpiexecs on this node. Each runs as the launch user, in a session and a cgroup of its own, with Muster's
 * environment and nothing of the job's. The unit needs `KillMode=process`.
 */
export function createJobProcesses({
  cgroups,
  records,
  user = LAUNCH_USER,
  jobUser = JOB_USER,
  alone = ALONE_PROGRAM,
  folder = JOB_RECORDS,
  ready = 0,
  clock = systemClock,
}: JobProcessesDeps): KeptJobProcesses {
  const remembered = openProcessRecords<JobRecord>(folder);
  const groupOf = async (jobId: string) => (await remembered.recall(jobId))?.group ?? jobId;
  const hostfileOf = (jobId: string) => join(folder, `${jobId}.hosts`);
  const codeOf = (jobId: string) => join(folder, `${jobId}.code`);

  /** By the cgroup too: an agent that was killed right after the start of a program alone has not remembered the process. */
  async function observe(jobId: string): Promise<"running" | "ended" | "unknown"> {
    const record = await remembered.recall(jobId);
    if (record !== null && (await isRunning(record))) return "running";
    if ((await cgroups.pids("job", record?.group ?? jobId)).length > 0) return "running";
    return record === null && (await readHostfile(jobId)) === null ? "unknown" : "ended";
  }

  async function recordedGroups(): Promise<readonly string[]> {
    const records = await Promise.all((await remembered.ids()).map((jobId) => remembered.recall(jobId)));
    return records.flatMap((record) => record?.group ?? []);
  }

  const readHostfile = (jobId: string) => readFile(hostfileOf(jobId), "utf8").catch(unlessMissing);

  const removeFiles = async (jobId: string) =>
    void (await Promise.all([hostfileOf(jobId), codeOf(jobId)].map((path) => rm(path, { force: true }))));

  /** mpiexec reads it by its path; what is in it is no secret. */
  async function writeHostfile(jobId: string, text: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
    await writeFile(hostfileOf(jobId), text, { mode: 0o644 });
    return hostfileOf(jobId);
  }

  async function startAlone(
    of: AttemptId,
    plan: LaunchPlan,
    alonesArgv: readonly string[],
    onExit: () => void,
  ): Promise<void> {
    await writeHostfile(of.jobId, plan.hostfile);
    const files = await records.begin(of);
    const ownCode = await openExitCode(codeOf(of.jobId), of.attempt);
    try {
      const { output, exitCode } = files;
      const descriptors = [output.fd, output.fd, exitCode.fd, ownCode.fd];
      const child = await spawnAlone(of.jobId, plan.environment, alonesArgv, descriptors);
      child.once("exit", onExit);
      const pid = child.pid ?? 0;
      // Already gone: it has ended, and is remembered as such.
      await remembered.remember(of.jobId, (await identityOf(pid)) ?? { pid, startTicks: "gone" });
      if (child.exitCode !== null || child.signalCode !== null) onExit();
    } finally {
      await Promise.all([files.close(), ownCode.close()]);
    }
  }

  async function spawnAlone(
    jobId: string,
    environment: LaunchPlan["environment"],
    alonesArgv: readonly string[],
    files: readonly number[],
  ): Promise<ChildProcess> {
    const cgroup = await cgroups.make("job", jobId);
    const recorder = [PYTHON, "-I", "-S", alone, String(user.uid), String(user.gid)];
    const [program, ...args] = inCgroup(cgroup, [
      ...recorder,
      ...confined(cgroup, jobUser, alonesArgv, { ownMemory: true }),
    ]);
    const child = spawn(program, args, {
      cwd: "/",
      env: { ...environment },
      detached: true,
      stdio: ["ignore", ...files],
    });
    child.unref();
    await once(child, "spawn");
    return child;
  }

  const mpiexecs = createMpiexecProcesses({
    ...{ cgroups, records, user, ready, clock, remember: remembered.remember },
    files: { codeOf, writeHostfile, remove: removeFiles },
  });

  return {
    observe,
    hostfile: readHostfile,
    ids: remembered.ids,
    getReady(of, plan) {
      if (plan.alone === null) mpiexecs.getReady(of, plan);
    },
    mayLaunch: mpiexecs.mayLaunch,
    async start(of, plan, onExit) {
      if ((await observe(of.jobId)) === "running") return;
      if (plan.alone === null) await mpiexecs.start(of, plan, onExit);
      else await startAlone(of, plan, plan.alone, onExit);
    },
    async restore() {
      await endLeftShells(cgroups, "job", await recordedGroups());
      await records.releaseAll();
    },
    close: mpiexecs.close,
    exitCode: (jobId) => readExitCode(codeOf(jobId)),
    async usage(jobId) {
      const group = await groupOf(jobId);
      const usage = await cgroups.usage("job", group);
      if (usage === null) return null;
      return { ...usage, isOutOfMemory: (await cgroups.outOfMemoryKills("job", group)) > 0 };
    },
    async signal(jobId, signal) {
      const identity = await remembered.recall(jobId);
      if (signal === "SIGKILL") await cgroups.empty("job", identity?.group ?? jobId);
      else if (identity !== null && (await isRunning(identity))) sendSignal(-identity.pid, signal);
    },
    async forget(jobId) {
      await cgroups.empty("job", await groupOf(jobId));
      await removeFiles(jobId);
      await remembered.forget(jobId);
    },
  };
}
