import { requestProblems } from "../contract/job-problems.js";
import { nextJobStatus } from "../contract/job-state.js";
import { jobFolder } from "../contract/names.js";
import { renderReason } from "../contract/problems.js";
import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { FailedNode, JobItem, LaunchNode } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Clock } from "../time/clock.js";
import type { AttemptEvent, Ending } from "./attempt.js";
import { LAST_LINES, lastLines } from "./last-lines.js";
import { type JobSettings, type LaunchPlan, planLaunch } from "./launch-plan.js";
import { LOG_GONE, NO_LOG_REASON } from "./log-deliveries.js";
import type { HostReach } from "./lost-hosts.js";
import type {
  HeadView,
  HostProbe,
  JobProcesses,
  JobRecords,
  JobRegistry,
  JobWorkspace,
  RankView,
} from "./ports.js";
import { preflightProblem } from "./preflight.js";
import { isRetried, withoutFailed } from "./retry-policy.js";

/** What the steps of a job need. `onWake` is called after an event that needs a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly records: JobRecords;
  readonly registry: Pick<JobRegistry, "readAttempt">;
  readonly processes: JobProcesses;
  readonly probe: HostProbe;
  readonly reach: HostReach;
  readonly head: HeadView;
  readonly ranks: RankView;
  readonly clock: Clock;
  readonly settings: JobSettings;
  onWake(): void;
}

/** What the end of an attempt needs. */
export type EndDeps = Pick<StepDeps, "records" | "clock">;

/** A step's result: the event, and further changes of the item. `plan`: of a launch, what has been planned or started. */
export interface StepOutcome {
  readonly event: AttemptEvent;
  readonly change?: JobChange;
  readonly plan?: LaunchPlan;
}

const failedOutcome = (why: Because<JobReasonCode>): StepOutcome => ({ event: { type: "failed", why } });

/**
 * Checks the request (anyone with access to the table can write one) and makes the job's folder, new for each attempt, with the inline
 * script in it. `signal`: the job is cancelled, or not this head's any more. Then it ends at once and leaves no process.
 */
export async function fetchSource(
  item: JobItem,
  { workspace }: StepDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0)
    return failedOutcome(because("job-request-invalid", renderReason("invalid request", problems)));
  await workspace.prepare(jobFolder(item.id), item.request.script, signal);
  return { event: { type: "prepared" } };
}

/** The addresses of the nodes whose loss the job's earlier attempts are due to, the last one's last. A rank may fail on any node. */
async function failedNodes({ id: jobId, attempt }: JobItem, { registry }: StepDeps): Promise<string[]> {
  const before = Array.from({ length: (attempt ?? 1) - 1 }, (_, index) => index + 1);
  const records = await Promise.all(before.map((number) => registry.readAttempt({ jobId, attempt: number })));
  const lost = records.filter((record) => record !== null && isRetried(record.reasonCode, ["node-loss"]));
  return lost.flatMap((record) => record?.failedNode?.address ?? []);
}

/** Plans the launch on the current hostfile, without the nodes that earlier attempts failed for, and checks that every host answers. */
export async function preflight(item: JobItem, deps: StepDeps): Promise<StepOutcome> {
  const failed = await failedNodes(item, deps);
  const hostfile = withoutFailed(item.request, deps.head.hostfileNow(), failed);
  const plan = planLaunch(item, hostfile, deps.settings);
  if ("reason" in plan) return failedOutcome(plan);
  const addresses = plan.hosts.map(({ address }) => address);
  const problem = await preflightProblem(addresses, deps.probe, deps.clock);
  if (problem !== null) return failedOutcome(because("nodes-unreachable", problem));
  // Written before anything starts, so that any later head knows which node to ask.
  const change = { launchedOn: deps.self, ranks: plan.ranks };
  return { event: { type: "checked" }, change, plan };
}

/** Starts mpiexec. */
export async function launch(item: JobItem, plan: LaunchPlan, deps: StepDeps): Promise<StepOutcome> {
  if (item.attempt === null) throw new Error("the attempt to launch has no number");
  // What the last attempt's nodes have still said is not this one's.
  deps.ranks.forget(item.id);
  await deps.processes.start({ jobId: item.id, attempt: item.attempt }, plan, deps.onWake);
  return {
    ...{ event: { type: "launched" }, plan },
    change: { startedAt: deps.clock.now().toISOString() },
  };
}

/** The end of the output of the job's attempt, null where there is none: one that was not launched never has one. */
async function outputTail({ id: jobId, attempt, launchedOn }: JobItem, { records }: EndDeps) {
  if (attempt === null || launchedOn === null) return null;
  return records.outputEnd({ jobId, attempt }, 8 * LAST_LINES.bytes).catch(() => "unreadable" as const);
}

/**
 * What ends the attempt: its final status, at once. The log is brought to the bucket after it. Where the records can't be read
 * now they are taken to be there; the delivery will see.
 */
export async function endChange(item: JobItem, ending: Ending, deps: EndDeps): Promise<JobChange> {
  const tail = await outputTail(item, deps);
  const isGone = tail === null && item.startedAt !== null;
  const isNone = tail === null && !isGone;
  const ofOutput = tail === null || tail === "unreadable" ? [] : lastLines(tail.bytes, tail.isWhole);
  return {
    status: nextJobStatus(item.status, ending.event),
    reasonCode: ending.reasonCode,
    reason: ending.reason,
    failedNode: failedNodeOf(item, ending),
    exitCode: ending.exitCode,
    lastLines: ending.lines === undefined ? ofOutput : [...ending.lines],
    endedAt: deps.clock.now().toISOString(),
    logState: isNone ? "none" : isGone ? "lost" : "pending",
    ...(isGone ? LOG_GONE : NO_LOG_REASON),
  };
}

/** The one node that the end is due to: mpiexec's own where that was lost. */
function failedNodeOf(
  { launchedOn }: Pick<JobItem, "launchedOn">,
  { host, reasonCode }: Ending,
): FailedNode | null {
  if (host === undefined) return reasonCode === "head-lost" ? launchedOn : null;
  return { address: host };
}
