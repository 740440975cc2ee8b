import { requestProblems } from "../contract/job-problems.js";
import { nextJobStatus } from "../contract/job-state.js";
import { jobFolder } from "../contract/names.js";
import { renderReason } from "../contract/problems.js";
import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { FailedNode, JobItem, LaunchNode } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Clock } from "../time/clock.js";
import type { AttemptEvent, Ending } from "./attempt.js";
import { planOnGoodNodes } from "./good-nodes.js";
import { LAST_LINES, lastLines } from "./last-lines.js";
import type { JobSettings, LaunchPlan } from "./launch-plan.js";
import { LOG_GONE, NO_LOG_REASON } from "./log-deliveries.js";
import type { HeadView, JobProcesses, JobRecords, JobWorkspace, RankView } from "./ports.js";
import type { Preflight } from "./preflight.js";

/** What the steps of a job need. `onWake` is called after an event that needs a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly records: JobRecords;
  readonly processes: JobProcesses;
  readonly preflight: Preflight;
  readonly head: HeadView;
  readonly ranks: RankView;
  readonly clock: Clock;
  readonly settings: JobSettings;
  onWake(): void;
}

type EndDeps = Pick<StepDeps, "records" | "clock" | "head">;

/** A step's result: the event, and further changes of the item. */
export interface StepOutcome {
  readonly event: AttemptEvent;
  readonly change?: JobChange;
}

const failedOutcome = (why: Because<JobReasonCode>): StepOutcome => ({ event: { type: "failed", why } });

/** Checks the request (anyone with access to the table can write one) and makes the job's folder, with the inline script in it. */
export async function fetchSource(item: JobItem, { workspace }: StepDeps): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0)
    return failedOutcome(because("job-request-invalid", renderReason("invalid request", problems)));
  await workspace.prepare(jobFolder(item.id), item.request.script);
  return { event: { type: "prepared" } };
}

/** Plans the launch on the current hostfile, and checks every node that the job is to run on. */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
): Promise<StepOutcome & { readonly plan?: LaunchPlan }> {
  const planned = await planOnGoodNodes(item, deps);
  if ("why" in planned) return { event: { type: "failed", ...planned } };
  const { plan, leftOut } = planned;
  // Written before anything starts, so that any later head knows which node to ask. The attempt begins here.
  const change = { attempt: (item.attempt ?? 0) + 1, launchedOn: deps.self, ranks: plan.ranks, leftOut };
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
    failedNode: failedNodeOf(item, ending, deps.head),
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
  head: Pick<HeadView, "instanceAt">,
): FailedNode | null {
  if (host === undefined) return reasonCode === "head-lost" ? launchedOn : null;
  const instanceId = head.instanceAt(host);
  return { address: host, ...(instanceId === null ? {} : { instanceId }) };
}
