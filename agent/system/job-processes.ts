import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JOB_USER, LAUNCH_USER } from "../contract/node-accounts.js";
import type { LaunchPlan } from "../jobs/launch-plan.js";
import type { JobProcesses } from "../jobs/ports.js";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined, inCgroup } from "./confined.js";
import { openExitCode, readExitCode } from "./exit-codes.js";
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
 * mpiexec does not inherit).
 */
const WRAPPER = `trap : TERM
"$@" 3>&- 4>&-
code=$?
printf '%s\\n' "$code" >&4
printf '%s\\n' "$code" >&3
`;

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
}: JobProcessesDeps): JobProcesses {
  const remembered = openProcessRecords<ProcessIdentity>(folder);
  const hostfileOf = (jobId: string) => join(folder, `${jobId}.hosts`);
  const codeOf = (jobId: string) => join(folder, `${jobId}.code`);

  /** By the cgroup too: an agent that was killed right after the start has not remembered the process. */
  async function observe(jobId: string): Promise<"running" | "ended" | "unknown"> {
    const identity = await remembered.recall(jobId);
    if (identity !== null && (await isRunning(identity))) return "running";
    if ((await cgroups.pids("job", jobId)).length > 0) return "running";
    return identity === null && (await readHostfile(jobId)) === null ? "unknown" : "ended";
  }

  const readHostfile = (jobId: string) => readFile(hostfileOf(jobId), "utf8").catch(unlessMissing);

  /** mpiexec reads it by its path; what is in it is no secret. */
  async function writeHostfile(jobId: string, text: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
    await writeFile(hostfileOf(jobId), text, { mode: 0o644 });
    return hostfileOf(jobId);
  }

  function argvOf(plan: LaunchPlan, cgroup: string, hostfile: string): readonly [string, ...string[]] {
    if (plan.alone === null)
      return confined(cgroup, user, ["/bin/sh", "-c", WRAPPER, "muster-job", ...plan.mpiexec(hostfile)]);
    const recorder = [PYTHON, "-I", "-S", alone, String(user.uid), String(user.gid)];
    return inCgroup(cgroup, [...recorder, ...confined(cgroup, jobUser, plan.alone, { ownMemory: true })]);
  }

  return {
    observe,
    hostfile: readHostfile,
    ids: remembered.ids,
    async start(of, plan, onExit) {
      const { jobId } = of;
      if ((await observe(jobId)) === "running") return;
      const hostfile = await writeHostfile(jobId, plan.hostfile);
      const cgroup = await cgroups.make("job", jobId);
      const files = await records.begin(of);
      const ownCode = await openExitCode(codeOf(jobId), of.attempt);
      try {
        const [program, ...args] = argvOf(plan, cgroup, hostfile);
        const child = spawn(program, args, {
          cwd: "/",
          env: { ...plan.environment },
          detached: true,
          stdio: ["ignore", files.output.fd, files.output.fd, files.exitCode.fd, ownCode.fd],
        });
        child.unref();
        await once(child, "spawn");
        child.once("exit", onExit);
        const pid = child.pid ?? 0;
        // Already gone: it has ended, and is remembered as such.
        await remembered.remember(jobId, (await identityOf(pid)) ?? { pid, startTicks: "gone" });
        if (child.exitCode !== null || child.signalCode !== null) onExit();
      } finally {
        await Promise.all([files.close(), ownCode.close()]);
      }
    },
    exitCode: (jobId) => readExitCode(codeOf(jobId)),
    async usage(jobId) {
      const usage = await cgroups.usage("job", jobId);
      if (usage === null) return null;
      return { ...usage, isOutOfMemory: (await cgroups.outOfMemoryKills("job", jobId)) > 0 };
    },
    async signal(jobId, signal) {
      const identity = await remembered.recall(jobId);
      if (signal === "SIGKILL") await cgroups.empty("job", jobId);
      else if (identity !== null && (await isRunning(identity))) sendSignal(-identity.pid, signal);
    },
    async forget(jobId) {
      await cgroups.empty("job", jobId);
      await Promise.all([hostfileOf(jobId), codeOf(jobId)].map((path) => rm(path, { force: true })));
      await remembered.forget(jobId);
    },
  };
}
