import { requestProblems } from "../contract/job-problems.js";
import type { JobItem, JobRequest } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import { firstAttempt } from "./changes.js";
import { type LaunchPlan, planLaunch } from "./launch-plan.js";
import type { StepDeps } from "./steps.js";

/** Whether the job's files are there at once, and its nodes need nothing for it: then nothing of its launch need wait for its source. Pure. */
export const isQuick = ({ source, requirements, setup }: JobRequest): boolean =>
  source === undefined && requirements === undefined && setup === undefined;

/**
 * Whether a head that has nothing else to do may plan the job's launch with its claim. One that does not wait for others is looked at
 * again once it is claimed. Pure.
 */
export const mayBePlanned = (request: JobRequest): boolean => isQuick(request) && request.ifBusy !== "refuse";

/**
 * What a new job is once it is claimed, if its launch goes as planned: it says where it will run before anything of it is
 * there, so that the launch waits for no other write; and the launch. Null: it can't be planned, or something is wrong with it.
 */
export function plannedLaunch(
  job: JobItem,
  {
    head,
    self,
    settings,
    delivery,
    clock,
  }: Pick<StepDeps, "head" | "self" | "settings" | "delivery" | "clock">,
): { readonly change: JobChange; readonly launch: LaunchPlan } | null {
  if (requestProblems(job.request).length > 0 || !mayBePlanned(job.request)) return null;
  const launch = planLaunch(job, head.hostfileNow(), settings);
  if ("reason" in launch) return null;
  const now = clock.now();
  const at = now.toISOString();
  const change: JobChange = {
    ...firstAttempt(now),
    phase: "launching",
    // The phases before take moments, and are over before anyone could read of them.
    phaseTimes: { ...job.phaseTimes, source: at, preflight: at, launching: at },
    launchedOn: self,
    ranks: launch.ranks,
    leftOut: [],
    logPrefix: delivery.prefixOf({ jobId: job.id, attempt: 1 }),
  };
  return { change, launch };
}

/** What such a job is when its launch goes otherwise: nothing of it was started. Pure. */
export const NOT_LAUNCHED: JobChange = { launchedOn: null, ranks: null, logPrefix: null };

/** Whether a step's outcome is what was planned. Pure. */
export const isAsPlanned = (planned: JobItem, change: JobChange): boolean =>
  change.ranks === planned.ranks && (change.leftOut ?? []).length === 0;
