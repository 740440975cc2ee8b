import type { Clock } from "../clock.js";
import { HOSTFILE_COPY, OUTPUT_FILE } from "../contract/job-request.js";
import { nextJobStatus } from "../contract/job-state.js";
import { jobFolder } from "../contract/names.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import { renderHostfile } from "../head/hostfile.js";
import { LAST_LINES, lastLines } from "./last-lines.js";
import { type JobSettings, type LaunchPlan, planLaunch, requestProblems } from "./launch-plan.js";
import type { HeadView, HostProbe, JobChange, JobFiles, JobProcesses, LogDelivery } from "./ports.js";
import { preflightProblem } from "./preflight.js";
import { type Delivery, type Ending, finalReason, type RunEvent } from "./run.js";

/** What the steps of a job need. `onWake` is called when something happened that is worth a look at once. */
export interface StepDeps {
  readonly files: JobFiles;
  readonly processes: JobProcesses;
  readonly probe: HostProbe;
  readonly delivery: LogDelivery;
  readonly head: HeadView;
  readonly clock: Clock;
  readonly settings: JobSettings;
  onWake(): void;
}

/** What a step led to: the event, and what the item is to say besides. */
export interface StepOutcome {
  readonly event: RunEvent;
  readonly change?: JobChange;
}

const RUN_NUMBER = 1;
const failed = (reason: string): StepOutcome => ({ event: { type: "failed", reason } });

/** The job's folder on /shared. */
export const folderOf = (item: JobItem): string => jobFolder(item.clusterUuid, item.id);

/** Checks the request (whoever can write the table can write one) and puts the inline script into the job's folder. */
export async function fetchSource(item: JobItem, { files }: StepDeps): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0) return failed(`invalid request: ${problems.join("; ")}`);
  const { script } = item.request;
  await files.prepare(folderOf(item), script === undefined ? {} : { [script.name]: script.content });
  return { event: { type: "prepared" } };
}

/** Plans the launch on the hostfile as it is now, asks every host whether it is there, and keeps the hostfile's copy. */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
): Promise<StepOutcome & { readonly plan?: LaunchPlan }> {
  const hostfile = deps.head.hostfileNow();
  const plan = planLaunch(item, hostfile, deps.settings);
  if ("problem" in plan) return failed(plan.problem);
  const problem = await preflightProblem(plan.hosts, deps.probe, deps.clock);
  if (problem !== null) return failed(problem);
  await deps.files.write(folderOf(item), HOSTFILE_COPY, renderHostfile(hostfile?.nodes ?? []) ?? "");
  return { event: { type: "checked" }, plan };
}

/** Starts mpiexec. */
export async function launch(item: JobItem, plan: LaunchPlan, deps: StepDeps): Promise<StepOutcome> {
  await deps.processes.start(item.id, folderOf(item), plan, deps.onWake);
  return {
    event: { type: "launched" },
    change: { ranks: plan.ranks, startedAt: deps.clock.now().toISOString() },
  };
}

/** What the item says from the moment that nothing runs any more; a head that takes over the delivery finds it there. */
export async function endChange(item: JobItem, ending: Ending | null, files: JobFiles): Promise<JobChange> {
  const tail = await files.tail(folderOf(item), OUTPUT_FILE, 4 * LAST_LINES.bytes).catch(() => null);
  return {
    reason: ending?.reason ?? null,
    exitCode: ending?.exitCode ?? null,
    lastLines: tail === null ? [] : lastLines(tail.bytes, tail.isWhole),
  };
}

/** Delivers the log. Where that can't be done the job ends as it would have, and its reason tells where the log is. */
export async function deliver(item: JobItem, ending: Ending, deps: StepDeps): Promise<StepOutcome> {
  const path = `${folderOf(item)}/${OUTPUT_FILE}`;
  const delivery: Delivery = await deps.delivery
    .deliver({ jobId: item.id, run: RUN_NUMBER, path, exitCode: ending.exitCode })
    .then((log) => (log === null ? { log, undelivered: null } : { log }))
    .catch((error: unknown) => ({
      log: null,
      undelivered: `its log could not be delivered to S3 (${reasonOf(error)}) and is kept at ${path}`,
    }));
  return {
    event: { type: "delivered" },
    change: {
      status: nextJobStatus(item.status, ending.event),
      reason: finalReason(ending, delivery),
      endedAt: deps.clock.now().toISOString(),
      log: delivery.log,
    },
  };
}
