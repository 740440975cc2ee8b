import type { LaunchPlan } from "../jobs/launch-plan.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import type { Cgroups } from "./cgroups.js";
import { asUser, type ConfinedUser } from "./confined.js";
import { openExitCode } from "./exit-codes.js";
import { createHeldShells, type HeldShell } from "./held-shells.js";
import type { HeldRecords, JobRecordFiles } from "./job-records.js";
import type { ProcessIdentity } from "./processes.js";
import { createReadyLaunches, type HeldLaunch } from "./ready-launch.js";

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

/** The files of a job's mpiexec on this node's own disk. */
interface OwnFiles {
  codeOf(jobId: string): string;
  /** Gives the path. */
  writeHostfile(jobId: string, text: string): Promise<string>;
  remove(jobId: string): Promise<void>;
}

interface MpiexecDeps {
  readonly cgroups: Cgroups;
  readonly records: JobRecordFiles;
  readonly user: ConfinedUser;
  /** For how many mpiexecs a shell waits. */
  readonly ready: number;
  readonly files: OwnFiles;
  /** Remembers the process: from then on another agent finds it. */
  remember(jobId: string, process: ProcessIdentity & { readonly group: string }): Promise<void>;
  readonly clock: Pick<Clock, "sleep">;
}

/** mpiexec, which runs, and starts nothing yet. */
interface BegunMpiexec extends HeldLaunch {
  readonly shell: HeldShell;
  readonly records: HeldRecords;
  /** Resolves when mpiexec has ended. */
  readonly over: Promise<void>;
}

/**
 * The mpiexecs of jobs on this node. Each is begun before it is certain that the job runs by it: its launchers wait for that. What is not
 * remembered has started nothing, and the next agent ends it before it listens to any launcher.
 */
export interface MpiexecProcesses {
  /** See JobProcesses. */
  getReady(of: AttemptId, plan: LaunchPlan): void;
  /** Starts what was got ready by the same plan, or else a new one. */
  start(of: AttemptId, plan: LaunchPlan, onExit: () => void): Promise<void>;
  /** Whether a launcher of the job may go on. Waits while that is not certain. */
  mayLaunch(jobId: string): Promise<boolean>;
  /** Ends the shells that wait, and what was got ready. Call it once, last. */
  close(): Promise<void>;
}

export function createMpiexecProcesses(deps: MpiexecDeps): MpiexecProcesses {
  const { cgroups, records, files } = deps;
  const held = { kind: "job", ready: deps.ready, environment: SHELL_ENVIRONMENT } as const;
  const shells = createHeldShells(cgroups, held);
  const launches = createReadyLaunches<BegunMpiexec>(deps.clock);

  async function begin({ jobId, attempt }: AttemptId, plan: LaunchPlan): Promise<BegunMpiexec> {
    const hostfile = await files.writeHostfile(jobId, plan.hostfile);
    const begun = await records.hold();
    const ownCode = files.codeOf(jobId);
    await (await openExitCode(ownCode, attempt)).close();
    const shell = await shells.take(true);
    const paths = [begun.paths.output, begun.paths.exitCode, ownCode];
    const argv = [...asUser(deps.user), "/bin/sh", "-c", WRAPPER, "muster-job", ...plan.mpiexec(hostfile)];
    const opened = paths.map((path, index) => ({
      ...{ descriptor: FILE_DESCRIPTORS[index] ?? 0, path, appends: true },
    }));
    const over = new Promise<void>((resolve) => {
      shell.become({ argv, environment: plan.environment, files: opened }, () => resolve());
    });
    return {
      ...{ shell, records: begun, over },
      async drop() {
        await shell.empty();
        await Promise.all([begun.release(), files.remove(jobId)]);
      },
    };
  }

  return {
    getReady: (of, plan) => void launches.begin(of.jobId, keyOf(of, plan), () => begin(of, plan)),
    async start(of, plan, onExit) {
      const launch = await launches.take(of.jobId, keyOf(of, plan), () => begin(of, plan));
      try {
        await records.adopt(of, launch.records);
        await deps.remember(of.jobId, { ...launch.shell.identity, group: launch.shell.group });
      } catch (error) {
        await launch.drop();
        throw error;
      }
      // What it has not opened by its end it never does. The agent's start removes what is left here.
      void launch.over.then(launch.records.release).catch(() => undefined);
      void launch.over.then(onExit);
      launch.open();
    },
    mayLaunch: launches.mayLaunch,
    async close() {
      await launches.drop();
      await shells.close();
    },
  };
}

/** What an mpiexec is begun with. Pure. */
const keyOf = ({ attempt }: AttemptId, { mpiexec, environment, hostfile }: LaunchPlan): string =>
  JSON.stringify([attempt, mpiexec(""), environment, hostfile]);
