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
import { type JobSettings, type LaunchPlan, withEnvironment } from "./launch-plan.js";
import { LOG_GONE, NO_LOG_REASON } from "./log-deliveries.js";
import type { HostReach } from "./lost-hosts.js";
import {
  type HeadView,
  type JobEnvironments,
  type JobProcesses,
  type JobRecords,
  type JobRegistry,
  type JobSources,
  type JobWorkspace,
  type LogDelivery,
  type PreparationFailure,
  type RankView,
  SourceError,
} from "./ports.js";
import type { Preflight } from "./preflight.js";
import { isRetried, withoutFailed } from "./retry-policy.js";

/** What the steps of a job need. `onWake` is called after an event that needs a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly environments: JobEnvironments;
  readonly sources: JobSources;
  readonly records: JobRecords;
  readonly registry: Pick<JobRegistry, "readAttempt">;
  readonly processes: JobProcesses;
  readonly preflight: Preflight;
  readonly reach: HostReach;
  readonly head: HeadView;
  readonly ranks: RankView;
  readonly delivery: Pick<LogDelivery, "prefixOf">;
  readonly clock: Clock;
  readonly settings: JobSettings;
  onWake(): void;
}

/** What the end of an attempt needs. */
export type EndDeps = Pick<StepDeps, "records" | "clock" | "head">;

/** A step's result: the event, and further changes of the item. `plan`: of a launch, what has been planned or started. */
export interface StepOutcome {
  readonly event: AttemptEvent;
  readonly change?: JobChange;
  readonly plan?: LaunchPlan;
}

const failedOutcome = (why: Because<JobReasonCode>): StepOutcome => ({ event: { type: "failed", why } });
const unreadyOutcome = ({ reasonCode, reason, lines, host }: PreparationFailure): StepOutcome => ({
  event: {
    ...{ type: "failed", why: because(reasonCode, reason), lines },
    ...(host === undefined ? {} : { host }),
  },
});

/**
 * Checks the request (anyone with access to the table can write one), makes the job's folder, new for each attempt, brings its script
 * or source there, and installs its requirements. The version of the source is written down before anything starts, and later
 * attempts get the same. `signal`: the job is cancelled, or not this head's any more. Then it ends at once and leaves no process.
 * `isFolderMade`: whether the folder has been made for this attempt already.
 */
export async function fetchSource(
  item: JobItem,
  deps: Pick<StepDeps, "environments" | "sources"> & {
    readonly workspace: Pick<JobWorkspace, "prepare" | "remove">;
  },
  { signal, isFolderMade = false }: { readonly signal: AbortSignal; readonly isFolderMade?: boolean },
): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0)
    return failedOutcome(because("job-request-invalid", renderReason("invalid request", problems)));
  if (!isFolderMade) await deps.workspace.prepare(jobFolder(item.id), item.request.script, signal);
  const fetched = await bringSource(item, deps, signal);
  if (fetched.event.type !== "prepared") return fetched;
  const unready = await deps.environments.install({ ...item, ...fetched.change }, signal);
  return unready === null ? fetched : { ...fetched, ...unreadyOutcome(unready) };
}

/** The files of the job's source. Where they do not come, nothing is left. */
async function bringSource(
  item: JobItem,
  { workspace, sources }: Pick<StepDeps, "sources"> & { readonly workspace: Pick<JobWorkspace, "remove"> },
  signal: AbortSignal,
): Promise<StepOutcome> {
  if (item.request.source === undefined) return { event: { type: "prepared" } };
  const folder = jobFolder(item.id);
  try {
    const source = await sources.fetch(item, folder, { version: item.sourceVersion, signal });
    const change = { sourceVersion: source.version, sourceFolder: source.folder };
    return { event: { type: "prepared" }, change };
  } catch (error) {
    await workspace.remove(folder).catch(() => undefined);
    if (!(error instanceof SourceError)) throw error;
    return failedOutcome(because(error.code, renderReason("no source", [error.message])));
  }
}

/** The addresses of the nodes whose loss the job's earlier attempts are due to, the last one's last. A rank may fail on any node. */
async function failedNodes({ id: jobId, attempt }: JobItem, { registry }: StepDeps): Promise<string[]> {
  const before = Array.from({ length: (attempt ?? 1) - 1 }, (_, index) => index + 1);
  const records = await Promise.all(before.map((number) => registry.readAttempt({ jobId, attempt: number })));
  const lost = records.filter((record) => record !== null && isRetried(record.reasonCode, ["node-loss"]));
  return lost.flatMap((record) => record?.failedNode?.address ?? []);
}

/**
 * Plans the launch on the current hostfile, without the nodes that earlier attempts failed for, checks every node that the job is to
 * run on, and gets each ready for the job. `signal`: as for fetchSource.
 */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const failed = await failedNodes(item, deps);
  const hostfile = withoutFailed(item.request, deps.head.hostfileNow(), failed);
  const settings = withEnvironment(deps.settings, deps.environments.folderOf(item));
  const planned = await planOnGoodNodes(item, hostfile, { ...deps, settings });
  if ("why" in planned) return { event: { type: "failed", ...planned } };
  const { plan, leftOut } = planned;
  // Of the plan's hosts alone: what is got ready is what ranks will run on.
  const unready = await deps.environments.prepare(item, item.attempt ?? 1, plan.hosts, signal);
  if (unready !== null) return unreadyOutcome(unready);
  // Written before anything starts, so that any later head knows which node to ask.
  const logPrefix = deps.delivery.prefixOf({ jobId: item.id, attempt: item.attempt ?? 1 });
  const change = { launchedOn: deps.self, ranks: plan.ranks, leftOut, logPrefix };
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
 * What ends the attempt: its final status, at once. A log that is not in the bucket by then is brought there after it. Where the records
 * can't be read now they are taken to be there; the delivery will see.
 */
export async function endChange(item: JobItem, ending: Ending, deps: EndDeps): Promise<JobChange> {
  const tail = await outputTail(item, deps);
  const isDelivered = item.log !== null;
  const isGone = !isDelivered && tail === null && item.startedAt !== null;
  const isNone = !isDelivered && tail === null && !isGone;
  const ofOutput = tail === null || tail === "unreadable" ? [] : lastLines(tail.bytes, tail.isWhole);
  return {
    status: nextJobStatus(item.status, ending.event),
    reasonCode: ending.reasonCode,
    reason: ending.reason,
    failedNode: failedNodeOf(item, ending, deps.head),
    exitCode: ending.exitCode,
    lastLines: ending.lines === undefined ? ofOutput : [...ending.lines],
    endedAt: deps.clock.now().toISOString(),
    logState: isDelivered ? "delivered" : isNone ? "none" : isGone ? "lost" : "pending",
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
