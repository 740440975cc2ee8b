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
import { type JobSettings, type LaunchPlan, planLaunch } from "./launch-plan.js";
import { LOG_GONE, NO_LOG_REASON } from "./log-deliveries.js";
import {
  type HeadView,
  type HostProbe,
  type JobProcesses,
  type JobRecords,
  type JobSources,
  type JobWorkspace,
  type RankView,
  SourceError,
} from "./ports.js";
import { preflightProblem } from "./preflight.js";

/** What the steps of a job need. `onWake` is called after an event that needs a look at once. */
export interface StepDeps {
  /** This node. */
  readonly self: LaunchNode;
  readonly workspace: JobWorkspace;
  readonly sources: JobSources;
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

/** Nothing cuts it short. */
const NEVER = new AbortController().signal;

/**
 * Checks the request (anyone with access to the table can write one), makes the job's folder, and brings its script or source there. The
 * version of the source is written down before anything starts, and later attempts get the same. Where it fails, nothing is left.
 */
export async function fetchSource(
  item: JobItem,
  { workspace, sources }: Pick<StepDeps, "workspace" | "sources">,
  signal: AbortSignal = NEVER,
): Promise<StepOutcome> {
  const problems = requestProblems(item.request);
  if (problems.length > 0)
    return failedOutcome(because("job-request-invalid", renderReason("invalid request", problems)));
  const folder = jobFolder(item.id);
  await workspace.prepare(folder, item.request.script);
  if (item.request.source === undefined) return { event: { type: "prepared" } };
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

/** Plans the launch on the current hostfile, and checks that every host answers. */
export async function preflight(
  item: JobItem,
  deps: StepDeps,
): Promise<StepOutcome & { readonly plan?: LaunchPlan }> {
  const plan = planLaunch(item, deps.head.hostfileNow(), deps.settings);
  if ("reason" in plan) return failedOutcome(plan);
  const addresses = plan.hosts.map(({ address }) => address);
  const problem = await preflightProblem(addresses, deps.probe, deps.clock);
  if (problem !== null) return failedOutcome(because("nodes-unreachable", problem));
  // Written before anything starts, so that any later head knows which node to ask. The attempt begins here.
  const change = { attempt: (item.attempt ?? 0) + 1, launchedOn: deps.self, ranks: plan.ranks };
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
