import { jobFolder } from "../contract/names.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { LaunchPlan } from "./launch-plan.js";
import { plannedLaunch } from "./planned-launch.js";
import type { StepDeps } from "./steps.js";

/**
 * What a new job's launch need not wait for its claim with: its mpiexec, whose launchers are held up, and its folder. Where the job does not come
 * to this head after all, the one goes by itself, and an empty job's folder does no harm.
 */
export interface LaunchesAhead {
  /** Beside the write that claims `job`; null: what is claimed has not been read. Null: it is launched step by step. */
  begin(job: JobItem | null): BegunLaunch | null;
  /** While another job runs. What it makes is kept for the next `begin`. */
  beginEarly(job: JobItem): void;
}

interface BegunLaunch {
  /** What the job is once it is claimed. */
  readonly change: JobChange;
  /** The making of its folder. It never rejects. */
  readonly folder: Promise<boolean>;
}

/** The launchers of a job on more nodes would take too much memory from the job that runs. */
const MOST_EARLY_HOSTS = 64;

export function createLaunchesAhead(
  deps: Pick<StepDeps, "head" | "self" | "settings" | "delivery" | "clock" | "processes" | "workspace">,
): LaunchesAhead {
  let early: { readonly jobId: string; readonly folder: Promise<boolean> } | null = null;

  const planOf = (job: JobItem) =>
    job.status === "NEW" && !job.cancelRequested ? plannedLaunch(job, deps) : null;

  const getReady = ({ id }: JobItem, launch: LaunchPlan) =>
    deps.processes.getReady({ jobId: id, attempt: 1 }, launch);

  const makeFolder = ({ id, request }: JobItem) =>
    deps.workspace.prepareAhead(jobFolder(id), request.script).catch(() => false);

  return {
    begin(job) {
      const kept = early?.jobId === job?.id ? early?.folder : undefined;
      early = null;
      const plan = job && planOf(job);
      if (job === null || plan === null) return null;
      getReady(job, plan.launch);
      return { change: plan.change, folder: kept ?? makeFolder(job) };
    },
    beginEarly(job) {
      const launch = planOf(job)?.launch;
      if (launch === undefined || launch.hosts.length > MOST_EARLY_HOSTS) return;
      getReady(job, launch);
      early = { jobId: job.id, folder: makeFolder(job) };
    },
  };
}
