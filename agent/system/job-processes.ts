import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JOB_USER, LAUNCH_USER } from "../contract/node-accounts.js";
import type { LaunchPlan } from "../jobs/launch-plan.js";
import type { JobProcesses } from "../jobs/ports.js";
import type { Cgroups } from "./cgroups.js";
import { asUser, type ConfinedUser, confined, inCgroup } from "./confined.js";
import { openExitCode, readExitCode } from "./exit-codes.js";
import { createHeldShells, endLeftShells } from "./held-shells.js";
import type { JobRecordFiles } from "./job-records.js";
import { openProcessRecords } from "./process-records.js";
import { identityOf, isRunning, type ProcessIdentity, sendSignal } from "./processes.js";
import { unlessMissing } from "./unless-missing.js";

/** Where a node remembers the jobs that it runs: gone after a reboot, as the processes are. */
const JOB_RECORDS = "/run/muster/jobs";

/**
 * Runs mpiexec ("$@", an argv) and leaves its exit code in the files that are open as 4, on this node, and 3, in the cluster's records
 * where there is room, each in one write. It outlives the agent. A
 * SIGTERM to the group must not end it before it has written the code, hence the trap (which, unlike an ignored signal,
 * mpiexec does not inherit). SIGPIPE is ignored, also by mpiexec: it tells the proxy of rank 0 that its standard input has ended, and one whose ranks
 * have ended already would end mpiexec by that, before it has heard the other nodes. Python ignores it anyway.
 */
const WRAPPER = `trap : TERM
trap '' PIPE
"$@" 3>&- 4>&-
code=$?
printf '%s\\n' "$code" >&4
printf '%s\\n' "$code" >&3
`;

/** Of output, the exit code in the cluster's records, and the one on this node: as WRAPPER has them. */
const FILE_DESCRIPTORS = [1, 3, 4] as const;
/** Of a shell that waits to be mpiexec; a plan's comes to it. */
const SHELL_ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" };

/** What a start of mpiexec is made of. */
interface Start {
  readonly hostfile: string;
  readonly paths: { readonly output: string; readonly exitCode: string; readonly ownCode: string };
  onExit(): void;
}

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
}

/** `group`: its cgroup's name; missing: the job's id. */
interface JobRecord extends ProcessIdentity {
  readonly group?: string;
}

/** The jobs' processes, for the agent that keeps shells for them. */
interface KeptJobProcesses extends JobProcesses {
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
}: JobProcessesDeps): KeptJobProcesses {
  const remembered = openProcessRecords<JobRecord>(folder);
  const shells = createHeldShells(cgroups, { kind: "job", ready, environment: SHELL_ENVIRONMENT });
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

  /** mpiexec reads it by its path; what is in it is no secret. */
  async function writeHostfile(jobId: string, text: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
    await writeFile(hostfileOf(jobId), text, { mode: 0o644 });
    return hostfileOf(jobId);
  }

  /** A shell that waits becomes mpiexec. It is remembered before: what is not remembered has started nothing. */
  async function startMpiexec(jobId: string, plan: LaunchPlan, { hostfile, paths, onExit }: Start) {
    const shell = await shells.take(true);
    try {
      await remembered.remember(jobId, { ...shell.identity, group: shell.group });
    } catch (error) {
      await shell.empty();
      throw error;
    }
    const argv = [...asUser(user), "/bin/sh", "-c", WRAPPER, "muster-job", ...plan.mpiexec(hostfile)];
    const files = [paths.output, paths.exitCode, paths.ownCode].map((path, index) => ({
      ...{ descriptor: FILE_DESCRIPTORS[index] ?? 0, path, appends: true },
    }));
    shell.become({ argv, environment: plan.environment, files }, onExit);
  }

  async function startAlone(
    jobId: string,
    plan: LaunchPlan,
    alonesArgv: readonly string[],
    { files, onExit }: Pick<Start, "onExit"> & { readonly files: readonly number[] },
  ) {
    const cgroup = await cgroups.make("job", jobId);
    const recorder = [PYTHON, "-I", "-S", alone, String(user.uid), String(user.gid)];
    const [program, ...args] = inCgroup(cgroup, [
      ...recorder,
      ...confined(cgroup, jobUser, alonesArgv, { ownMemory: true }),
    ]);
    const child = spawn(program, args, {
      cwd: "/",
      env: { ...plan.environment },
      detached: true,
      stdio: ["ignore", ...files],
    });
    child.unref();
    await once(child, "spawn");
    child.once("exit", onExit);
    const pid = child.pid ?? 0;
    // Already gone: it has ended, and is remembered as such.
    await remembered.remember(jobId, (await identityOf(pid)) ?? { pid, startTicks: "gone" });
    if (child.exitCode !== null || child.signalCode !== null) onExit();
  }

  return {
    observe,
    hostfile: readHostfile,
    ids: remembered.ids,
    async start(of, plan, onExit) {
      const { jobId } = of;
      if ((await observe(jobId)) === "running") return;
      const hostfile = await writeHostfile(jobId, plan.hostfile);
      const files = await records.begin(of);
      const ownCode = await openExitCode(codeOf(jobId), of.attempt);
      try {
        const paths = { ...files.paths, ownCode: codeOf(jobId) };
        if (plan.alone === null) return await startMpiexec(jobId, plan, { hostfile, paths, onExit });
        const descriptors = [files.output.fd, files.output.fd, files.exitCode.fd, ownCode.fd];
        await startAlone(jobId, plan, plan.alone, { files: descriptors, onExit });
      } finally {
        await Promise.all([files.close(), ownCode.close()]);
      }
    },
    restore: async () => endLeftShells(cgroups, "job", await recordedGroups()),
    close: shells.close,
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
      await Promise.all([hostfileOf(jobId), codeOf(jobId)].map((path) => rm(path, { force: true })));
      await remembered.forget(jobId);
    },
  };
}
