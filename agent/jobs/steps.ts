import { requestProblems } from "../contract/job-problems.js";
import { nextJobStatus } from "../contract/job-state.js";
import { jobFolder } from "../contract/names.js";
import { renderReason } from "../contract/problems.js";
import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { JobItem, LaunchNode } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Clock } from "../time/clock.js";
import type { AttemptEvent, Ending } from "./attempt.js";
import { LAST_LINES, lastLines } from "./last-lines.js";
import { type JobSettings, type LaunchPlan, planLaunch, withEnvironment } from "./launch-plan.js";
import { LOG_GONE, NO_LOG_REASON } from "./log-deliveries.js";
import type {
  HeadView,
  HostProbe,
  JobEnvironments,
  JobProcesses,
  JobRecords,
  JobWorkspace,
  PreparationFailure,
  RankView,
} from "./ports.js";
import { preflightProblem } from "./preflight.js";

/** What the steps of a job need. `onWake` is called after an event that needs a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly environments: JobEnvironments;
  readonly records: JobRecords;
  readonly processes: JobProcesses;
  readonly probe: HostProbe;
  readonly head: HeadView;
  readonly ranks: RankView;
  readonly clock: Clock;
  readonly settings: JobSettings;
  onWake(): void;
}

type EndDeps = Pick<StepDeps, "records" | "clock">;

/** A step's result: the event, and further changes of the item. */
export interface StepOutcome {
  readonly event: AttemptEvent;
  readonly change?: JobChange;
}

const failedOutcome = (why: Because<JobReasonCode>): StepOutcome => ({ event: { type: "failed", why } });
const unreadyOutcome = ({ reasonCode, reason, lines }: PreparationFailure): StepOutcome => ({
  event: { type: "failed", why: because(reasonCode, reason), lines },
});

/** Nothing cuts it short. */
const NEVER = new AbortController().signal;

/**
 * Checks the request (anyone with access to the table can write one), makes the job's folder, with the inline script in it, and installs
 * the job's requirements.
 */
export async function fetchSource(
  item: JobItem,
  { workspace, environments }: Pick<StepDeps, "workspace" | "environments">,
  { signal }: { readonly signal: AbortSignal } = { signal: NEVER },
): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0)
    return failedOutcome(because("job-request-invalid", renderReason("invalid request", problems)));
  await workspace.prepare(jobFolder(item.id), item.request.script);
  const unready = await environments.install(item, signal);
  return unready === null ? { event: { type: "prepared" } } : unreadyOutcome(unready);
}

/** Plans the launch on the current hostfile, checks that every host answers, and gets each ready for the job. */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
  { signal }: { readonly signal: AbortSignal } = { signal: NEVER },
): Promise<StepOutcome & { readonly plan?: LaunchPlan }> {
  const settings = withEnvironment(deps.settings, deps.environments.folderOf(item));
  const plan = planLaunch(item, deps.head.hostfileNow(), settings);
  if ("reason" in plan) return failedOutcome(plan);
  const addresses = plan.hosts.map(({ address }) => address);
  const problem = await preflightProblem(addresses, deps.probe, deps.clock);
  if (problem !== null) return failedOutcome(because("nodes-unreachable", problem));
  const attempt = (item.attempt ?? 0) + 1;
  // Of the plan's hosts alone: what is got ready is what ranks will run on.
  const unready = await deps.environments.prepare(item, attempt, plan.hosts, signal);
  if (unready !== null) return unreadyOutcome(unready);
  // Written before anything starts, so that any later head knows which node to ask. The attempt begins here.
  const change = { attempt, launchedOn: deps.self, ranks: plan.ranks };
  return { event: { type: "checked" }, change, plan };
}

/** Starts mpiexec. */
export async function launch(item: JobItem, plan: LaunchPlan, deps: StepDeps): Promise<StepOutcome> {
  await deps.processes.start(item.id, plan, deps.onWake);
  return {
    event: { type: "launched" },
    change: { startedAt: deps.clock.now().toISOString() },
  };
}

/**
 * What ends the job: its final status, at once. The log is brought to the bucket after it. Where the records can't be read
 * now they are taken to be there; the delivery will see.
 */
export async function endChange(item: JobItem, ending: Ending, deps: EndDeps): Promise<JobChange> {
  const tail = await deps.records.outputEnd(item.id, 8 * LAST_LINES.bytes).catch(() => "unreadable" as const);
  const isGone = tail === null && item.startedAt !== null;
  const isNone = tail === null && !isGone;
  const ofOutput = tail === null || tail === "unreadable" ? [] : lastLines(tail.bytes, tail.isWhole);
  return {
    status: nextJobStatus(item.status, ending.event),
    reasonCode: ending.reasonCode,
    reason: ending.reason,
    exitCode: ending.exitCode,
    lastLines: ending.lines === undefined ? ofOutput : [...ending.lines],
    endedAt: deps.clock.now().toISOString(),
    logState: isNone ? "none" : isGone ? "lost" : "pending",
    ...(isGone ? LOG_GONE : NO_LOG_REASON),
  };
}
