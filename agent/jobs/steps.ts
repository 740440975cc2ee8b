import type { Clock } from "../clock.js";
import { requestProblems } from "../contract/job-problems.js";
import { nextJobStatus } from "../contract/job-state.js";
import { jobFolder } from "../contract/names.js";
import { renderReason } from "../contract/problems.js";
import type { JobItem, LaunchNode } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import { LAST_LINES, lastLines } from "./last-lines.js";
import { type JobSettings, type LaunchPlan, planLaunch } from "./launch-plan.js";
import type {
  HeadView,
  HostProbe,
  JobChange,
  JobProcesses,
  JobRecords,
  JobWorkspace,
  LogDelivery,
  RankView,
} from "./ports.js";
import { preflightProblem } from "./preflight.js";
import { type Delivery, type Ending, finalReason, type RunEvent } from "./run.js";

/** What the steps of a job need. `onWake` is called when something happened that is worth a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly records: JobRecords;
  readonly processes: JobProcesses;
  readonly probe: HostProbe;
  readonly delivery: LogDelivery;
  readonly head: HeadView;
  readonly ranks: RankView;
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

/** Checks the request (whoever can write the table can write one) and makes the job's folder, with the inline script in it. */
export async function fetchSource(item: JobItem, { workspace }: StepDeps): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0) return failed(renderReason("invalid request", problems));
  await workspace.prepare(jobFolder(item.id), item.request.script);
  return { event: { type: "prepared" } };
}

/** Plans the launch on the hostfile as it is now, and asks every host whether it is there. */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
): Promise<StepOutcome & { readonly plan?: LaunchPlan }> {
  const plan = planLaunch(item, deps.head.hostfileNow(), deps.settings);
  if ("problem" in plan) return failed(plan.problem);
  const addresses = plan.hosts.map(({ address }) => address);
  const problem = await preflightProblem(addresses, deps.probe, deps.clock);
  if (problem !== null) return failed(problem);
  // Written before anything starts: whoever is head then knows where to ask.
  return { event: { type: "checked" }, change: { launchedOn: deps.self }, plan };
}

/** Starts mpiexec. */
export async function launch(item: JobItem, plan: LaunchPlan, deps: StepDeps): Promise<StepOutcome> {
  await deps.processes.start(item.id, plan, deps.onWake);
  return {
    event: { type: "launched" },
    change: { ranks: plan.ranks, startedAt: deps.clock.now().toISOString() },
  };
}

/** What the item says from the moment that nothing runs any more; a head that takes over the delivery finds it there. */
export async function endChange(
  item: JobItem,
  ending: Ending | null,
  records: JobRecords,
): Promise<JobChange> {
  const end = { reason: ending?.reason ?? null, exitCode: ending?.exitCode ?? null };
  if (ending?.lines !== undefined) return { ...end, lastLines: [...ending.lines] };
  const tail = await records.outputEnd(item.id, 8 * LAST_LINES.bytes).catch(() => null);
  return { ...end, lastLines: tail === null ? [] : lastLines(tail.bytes, tail.isWhole) };
}

/** Delivers the log. Where that can't be done the job ends as it would have, and its reason tells where the log is. */
export async function deliver(item: JobItem, ending: Ending, deps: StepDeps): Promise<StepOutcome> {
  const delivery: Delivery = await deps.delivery
    .deliver({ jobId: item.id, run: RUN_NUMBER, exitCode: ending.exitCode })
    .then((log) => (log === null ? { log, undelivered: null } : { log }))
    .catch((error: unknown) => ({
      log: null,
      undelivered: `its log could not be delivered to S3 (${reasonOf(error)})`,
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
