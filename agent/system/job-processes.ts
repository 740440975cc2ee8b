import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT_CODE_FILE, JOB_ID_VARIABLE, type JobSettings, OUTPUT_FILE } from "../jobs/launch-plan.js";
import type { JobProcesses } from "../jobs/ports.js";
import {
  giveWayToOthers,
  identityOf,
  isRunning,
  killByEnvironment,
  type ProcessIdentity,
  sendSignal,
} from "./processes.js";

/** Where a node remembers the jobs that it runs: gone after a reboot, as the processes are. Root's own: it is trusted. */
const JOB_RECORDS = "/run/muster/jobs";

/**
 * Runs mpiexec ("$@", an argv) with the output in a file and leaves its exit code in another, in one rename. It outlives
 * the agent. A SIGTERM to the group must not end it before it has written the code, hence the trap (which, unlike an
 * ignored signal, mpiexec does not inherit).
 */
const WRAPPER = `trap : TERM
umask 027
exec >${OUTPUT_FILE} 2>&1
"$@"
code=$?
printf '%s\\n' "$code" >.exit-code.part && mv -f .exit-code.part ${EXIT_CODE_FILE}
`;

/**
 * The jobs' processes on this node. Each runs as the job user in a session of its own with a clean environment; what is
 * known of it is a file below `records`, so that an agent that was killed finds it again. The unit needs `KillMode=process`.
 */
export function createJobProcesses(
  user: Pick<JobSettings["user"], "uid" | "gid">,
  records: string = JOB_RECORDS,
): JobProcesses {
  const recordOf = (jobId: string) => join(records, `${jobId}.json`);

  async function known(jobId: string): Promise<ProcessIdentity | null> {
    const text = await readFile(recordOf(jobId), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    return text === null ? null : (JSON.parse(text) as ProcessIdentity);
  }

  async function observe(jobId: string): Promise<"running" | "ended" | "unknown"> {
    const identity = await known(jobId);
    if (identity === null) return "unknown";
    return (await isRunning(identity)) ? "running" : "ended";
  }

  async function remember(jobId: string, identity: ProcessIdentity): Promise<void> {
    const part = `${recordOf(jobId)}.part`;
    await writeFile(part, JSON.stringify(identity), { mode: 0o600 });
    await rename(part, recordOf(jobId));
  }

  return {
    observe,
    async start(jobId, folder, plan, onExit) {
      if ((await observe(jobId)) === "running") return;
      await mkdir(records, { recursive: true, mode: 0o700 });
      const child = spawn("/bin/sh", ["-c", WRAPPER, "muster-job", ...plan.argv], {
        cwd: folder,
        env: { ...plan.environment },
        uid: user.uid,
        gid: user.gid,
        detached: true,
        stdio: "ignore",
      });
      child.unref();
      await once(child, "spawn");
      child.once("exit", onExit);
      const pid = child.pid ?? 0;
      await giveWayToOthers(pid);
      // Already gone: it has ended, and is remembered as such.
      await remember(jobId, (await identityOf(pid)) ?? { pid, startTicks: "gone" });
      if (child.exitCode !== null || child.signalCode !== null) onExit();
    },
    async signal(jobId, signal) {
      const identity = await known(jobId);
      if (identity !== null && (await isRunning(identity))) sendSignal(-identity.pid, signal);
      if (signal === "SIGKILL") await killByEnvironment(JOB_ID_VARIABLE, jobId);
    },
    async forget(jobId) {
      await rm(recordOf(jobId), { force: true });
    },
  };
}
