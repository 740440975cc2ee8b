import { jobFolder } from "../contract/names.js";
import type { JobItem } from "../contract/registry.js";
import type { LaunchPlan } from "./launch-plan.js";
import { plannedLaunch } from "./planned-launch.js";
import type { StepDeps } from "./steps.js";

/**
 * What a new job's launch need not wait for its claim with: its mpiexec, whose launchers are held up, and its folder. Where the job does not come
 * to this head after all, the one goes by itself, and an empty job's folder does no harm.
 */
export interface LaunchesAhead {
  /** The launch of a job that may be planned; null: it is launched step by step. */
  planOf(job: JobItem): ReturnType<typeof plannedLaunch>;
  /** Beside the write that claims it. Gives the making of its folder, which `folder` is where it has begun; it never rejects. */
  begin(job: JobItem, launch: LaunchPlan, folder: Promise<boolean> | null): Promise<boolean>;
  /** While another job runs. Gives the same; null: nothing was begun. */
  beginEarly(job: JobItem): Promise<boolean> | null;
}

/** The launchers of a job on more nodes would take too much memory from the job that runs. */
const MOST_EARLY_HOSTS = 64;

export function createLaunchesAhead(
  deps: Pick<StepDeps, "head" | "self" | "settings" | "delivery" | "clock" | "processes" | "workspace">,
): LaunchesAhead {
  const planOf = (job: JobItem) =>
    job.status === "NEW" && !job.cancelRequested ? plannedLaunch(job, deps) : null;

  function begin({ id, request }: JobItem, launch: LaunchPlan, folder: Promise<boolean> | null) {
    deps.processes.getReady({ jobId: id, attempt: 1 }, launch);
    return folder ?? deps.workspace.prepareAhead(jobFolder(id), request.script).catch(() => false);
  }

  return {
    planOf,
    begin,
    beginEarly(job) {
      const launch = planOf(job)?.launch;
      return launch === undefined || launch.hosts.length > MOST_EARLY_HOSTS ? null : begin(job, launch, null);
    },
  };
}
