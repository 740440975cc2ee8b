import { spawn } from "node:child_process";
import { once } from "node:events";
import { EXIT_CODE_FILE, JOB_ID_VARIABLE, OUTPUT_FILE } from "../contract/job-request.js";
import type { JobSettings } from "../jobs/launch-plan.js";
import type { JobProcesses } from "../jobs/ports.js";
import { openProcessRecords } from "./process-records.js";
import {
  giveWayToOthers,
  identityOf,
  isRunning,
  killByEnvironment,
  type ProcessIdentity,
  sendSignal,
} from "./processes.js";

/** Where a node remembers the jobs that it runs: gone after a reboot, as the processes are. */
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
 * known of it is remembered below `records`. The unit needs `KillMode=process`.
 */
export function createJobProcesses(
  user: Pick<JobSettings["user"], "uid" | "gid">,
  records: string = JOB_RECORDS,
): JobProcesses {
  const remembered = openProcessRecords<ProcessIdentity>(records);

  async function observe(jobId: string): Promise<"running" | "ended" | "unknown"> {
    const identity = await remembered.recall(jobId);
    if (identity === null) return "unknown";
    return (await isRunning(identity)) ? "running" : "ended";
  }

  return {
    observe,
    async start(jobId, folder, plan, onExit) {
      if ((await observe(jobId)) === "running") return;
      await remembered.prepare();
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
      await remembered.remember(jobId, (await identityOf(pid)) ?? { pid, startTicks: "gone" });
      if (child.exitCode !== null || child.signalCode !== null) onExit();
    },
    async signal(jobId, signal) {
      const identity = await remembered.recall(jobId);
      if (identity !== null && (await isRunning(identity))) sendSignal(-identity.pid, signal);
      if (signal === "SIGKILL") await killByEnvironment(JOB_ID_VARIABLE, jobId);
    },
    forget: remembered.forget,
  };
}
