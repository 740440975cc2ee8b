import type { Logger } from "pino";
import { isJobEnded, type JobPhase } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import { reasonOf } from "../errors.js";
import type { HostfileNode } from "../head/hostfile.js";
import {
  type Attempt,
  type AttemptEvent,
  adoptAttempt,
  advance,
  endedAttempt,
  NEW_ATTEMPT,
} from "./attempt.js";
import { restoreRecord } from "./attempt-record.js";
import { delivering, firstAttempt, nextAttempt } from "./changes.js";
import { conclude, isLast } from "./conclusion.js";
import { type AskHost, exitCodeOf, jobHost } from "./job-hosts.js";
import { beginLastDelivery, type LastDelivery } from "./last-delivery.js";
import { hostsOf } from "./launch-plan.js";
import { jobTimeOut } from "./limits.js";
import { isAsPlanned, NOT_LAUNCHED } from "./planned-launch.js";
import type { JobHost, JobRegistry, LogDelivery } from "./ports.js";
import { createPreparation } from "./preparation.js";
import { createProgress } from "./progress.js";
import { programVerdict } from "./rank-verdict.js";
import { createRetryWait, type RetryWait } from "./retry-wait.js";
import type { StepDeps } from "./steps.js";
import { createWatcher, type Watcher } from "./watcher.js";

export interface ExecutionDeps extends StepDeps {
  readonly registry: JobRegistry;
  readonly ask: AskHost;
  readonly delivery: LogDelivery;
  /** An attempt has ended, and its records wait for their delivery. */
  onEnded(): void;
  readonly log: Logger;
}

/** What follows a step: the next step at once, the next after a pause, or nothing: the job is done, or lost to another head, and its processes may run on. */
type StepResult = "again" | "watch" | "done" | "lost";

/** Whether nothing follows a step. Pure. */
export const isOver = (result: StepResult): boolean => result === "done" || result === "lost";

/** Drives one claimed job under one generation. One step at a time; a step that throws (registry down) may be repeated. */
export interface Execution {
  readonly jobId: string;
  readonly generation: number;
  /** Whether its processes are on the node of that address; before its launch they may come to any. */
  worksOn(address: string): boolean;
  step(): Promise<StepResult>;
  /** Whether its program has ended and will not be started again, and the registry says so: no other job need wait for the rest. */
  isFinishing(): boolean;
  /** The next step reads the item, for it may say more than when it was last read: a cancel. */
  readSoon(): void;
  /** This head leaves the job: what prepares it is interrupted; its processes run on, for the next head to adopt. Never throws. */
  abandon(): Promise<void>;
}

/** An attempt as a head finds it. */
interface Found {
  readonly attempt: Attempt;
  readonly host: JobHost;
  readonly watcher: Watcher | null;
  /** Where its processes are; null: not known. */
  readonly hosts: readonly HostfileNode[] | null;
  readonly change: JobChange | null;
  /** The registry has it as launched already: see planned-launch.ts. */
  readonly isPlanned?: boolean;
  /** See createPreparation. */
  readonly folderAhead?: Promise<boolean> | null;
}

/** Starts driving a job that this head has just claimed: a new one, or one that ran under an earlier head. */
export async function takeUp(item: JobItem, deps: ExecutionDeps): Promise<Execution> {
  if (!(await isBeforeLaunch(item, deps))) return createExecution(item, await adopt(item, deps), deps);
  const attempt = await beforeLaunch(item, deps);
  const change = item.attempt === null ? firstAttempt(deps.clock.now()) : null;
  return createExecution(item, { attempt, host: deps.processes, watcher: null, hosts: null, change }, deps);
}

/**
 * Starts driving a job that this head has just claimed with its launch planned: nothing of it is anywhere yet, but for its folder, where
 * `folderAhead` gives true.
 */
export const beginPlanned = (
  item: JobItem,
  deps: ExecutionDeps,
  folderAhead: Promise<boolean> | null,
): Execution =>
  createExecution(
    item,
    {
      ...{ attempt: NEW_ATTEMPT, host: deps.processes, watcher: null, hosts: null, change: null },
      ...{ isPlanned: true, folderAhead },
    },
    deps,
  );

/** Whether nothing of the attempt was started. Of one that was about to be, this agent makes sure that nothing will be by another. */
async function isBeforeLaunch(
  { id: jobId, phase, attempt }: JobItem,
  { records }: ExecutionDeps,
): Promise<boolean> {
  if (phase === "launching" && attempt !== null) return records.forestall({ jobId, attempt });
  return phase === "queued" || phase === "source" || phase === "preflight";
}

/** Of an attempt that was not launched nothing runs: it begins anew, unless its record says that it has ended. */
async function beforeLaunch({ id: jobId, attempt }: JobItem, { registry }: ExecutionDeps): Promise<Attempt> {
  const record = attempt === null ? null : await registry.readAttempt({ jobId, attempt });
  return record !== null && isJobEnded(record.status) ? endedAttempt(record) : NEW_ATTEMPT;
}

/** Looks what there is of an attempt of an earlier head. */
async function adopt(item: JobItem, deps: ExecutionDeps): Promise<Found> {
  const { id: jobId, launchedOn: on, leaseGeneration: generation } = item;
  const before = await restoreRecord(item, deps.registry);
  const host = jobHost({ jobId, on, generation }, { ...deps, local: deps.processes });
  const processes = await host.observe(jobId);
  const exitCode =
    item.attempt === null ? null : await exitCodeOf({ jobId, attempt: item.attempt }, deps.records, host);
  const verdict = item.request.mpi === false ? programVerdict(exitCode, false) : null;
  const attempt =
    before === null ? adoptAttempt(item, { processes, exitCode, verdict }) : endedAttempt(before);
  deps.log.info({ jobId, was: item.phase, on, processes, exitCode, phase: attempt.phase }, "adopting a job");
  // Nothing of it may run beside the next job, however its end became known.
  if (attempt.ending !== null) await host.signal(jobId, "SIGKILL");
  const hosts = hostsOf((await host.hostfile(jobId)) ?? "");
  // Another node that mpiexec is on is heard by the host: it need not be connected to this head, nor be ready.
  const watched = host === deps.processes ? hosts : hosts.filter(({ address }) => address !== on?.address);
  const watcher = createWatcher(item, watched, { ...deps, processes: host }, deps.log);
  // The head of before was lost before it could write the start: the time counts from here, for the next head too.
  const isStartUnknown = attempt.phase === "running" && item.startedAt === null;
  const change = isStartUnknown ? { startedAt: deps.clock.now().toISOString() } : null;
  return { attempt, host, watcher, hosts: hosts.length === 0 ? null : hosts, change };
}

function createExecution(claimed: JobItem, found: Found, deps: ExecutionDeps): Execution {
  const { clock, log } = deps;
  const { id: jobId, leaseGeneration: generation } = claimed;
  const progress = createProgress(claimed, deps);
  const preparation = createPreparation(progress, deps, found.folderAhead);
  let { attempt, host, watcher, hosts } = found;
  let retryWait: RetryWait | null = null;
  let lastDelivery: LastDelivery | null = null;
  let isPlanned = found.isPlanned === true;
  if (found.change !== null) progress.note(found.change);
  // It may have ended while no head looked: its log's manifest says how, as of any other.
  if (!isPlanned) notePhase(claimed.phase);

  /** Notes the phase that has followed on `before`, and how the attempt has ended where its log is delivered now. */
  function notePhase(before: JobPhase): void {
    if (attempt.phase === before) return;
    progress.enter(attempt.phase);
    if (attempt.phase === "delivering" && attempt.ending !== null) progress.note(delivering(attempt.ending));
  }

  /** Whether the registry says already what has happened. Where it goes otherwise than planned, it no longer does. */
  function isSaid({ type }: AttemptEvent, change: JobChange = {}): boolean {
    if (!isPlanned) return false;
    if (type === "prepared" || (type === "checked" && isAsPlanned(claimed, change))) return true;
    isPlanned = false;
    if (attempt.phase === "ended") progress.note(NOT_LAUNCHED);
    return false;
  }

  function happened(event: AttemptEvent, change?: JobChange): void {
    const before = attempt.phase;
    attempt = advance(attempt, withCause(event, progress.item()));
    if (isSaid(event, change)) return;
    if (change !== undefined) progress.note(change);
    notePhase(before);
    const { reasonCode, reason } = attempt.ending ?? {};
    log.info({ jobId, event: event.type, phase: attempt.phase, reasonCode, reason }, "job");
  }

  /** Its processes keep running: a newer head looks after them. Those of an ended job are found as strays. */
  async function letGo(): Promise<"lost"> {
    log.warn({ jobId, generation }, "letting go of a job that is not ours any more");
    await preparation.abandon();
    deps.ranks.forget(jobId);
    return "lost";
  }

  /** Writes how the attempt has ended; ends what is left of an ended job's processes, or begins the wait for the next attempt. */
  async function whenEnded(): Promise<StepResult> {
    if (attempt.ending === null) throw new Error("the attempt has ended without an ending");
    const conclusion = await conclude(attempt.ending, watcher, progress, deps);
    if (conclusion === "lost") return letGo();
    deps.ranks.forget(jobId);
    if (conclusion === "ended") await host.forget(jobId);
    else attempt = advance(attempt, { type: "retry" });
    deps.onEnded();
    return conclusion === "ended" ? "done" : "again";
  }

  async function whileRetrying(): Promise<StepResult> {
    if (progress.isReadDue() && !(await progress.read())) return letGo();
    retryWait ??= createRetryWait(progress, { ...deps, host, isQuiet: preparation.isQuiet });
    const event = await retryWait.look();
    if (event === null) return "watch";
    retryWait = null;
    if (event.type === "due") {
      [host, watcher] = [deps.processes, null];
      progress.note(nextAttempt(progress.item()));
    }
    happened(event);
    return "again";
  }

  /** A step before the launch. */
  async function towardsLaunch(): Promise<StepResult> {
    const outcomes = await preparation.look(attempt.phase);
    if (outcomes === "lost") return letGo();
    if (outcomes === "pause") return "watch";
    for (const { event, change, plan } of outcomes) {
      happened(event, change);
      if (event.type !== "launched") continue;
      hosts = plan?.hosts ?? null;
      watcher = createWatcher(progress.item(), plan?.hosts ?? [], deps, log);
    }
    return "again";
  }

  async function whileRunning(running: Watcher): Promise<StepResult> {
    try {
      if (!(await progress.write()) || (progress.isReadDue() && !(await progress.read()))) return letGo();
    } catch (error) {
      // A registry that does not answer must not keep us from watching the time and the nodes.
      log.warn({ jobId, reason: reasonOf(error) }, "the registry does not answer; watching on");
    }
    const { ending } = attempt;
    const item = progress.item();
    const event =
      ending === null
        ? ((await running.look(item.cancelRequested)) ?? jobTimeOut(item, clock.now()))
        : await running.stop(ending);
    if (event === null) return "watch";
    happened(event);
    return "again";
  }

  /** The last output and the manifest, for a while: a job whose bucket does not answer ends without them. */
  async function whileDelivering(): Promise<StepResult> {
    const { attempt: number, exitCode } = progress.item();
    const isCancelled = attempt.ending?.event === "cancel";
    const of = { jobId, attempt: number ?? 1, exitCode };
    if (lastDelivery === null) {
      lastDelivery = beginLastDelivery(of, isCancelled, deps);
      return "again";
    }
    const delivered = await lastDelivery.look();
    if (delivered === "waiting") return "again";
    lastDelivery = null;
    happened({ type: "delivered" }, { log: delivered });
    return "again";
  }

  async function step(): Promise<StepResult> {
    if (attempt.phase === "running" && watcher !== null) return whileRunning(watcher);
    if (attempt.phase === "ended") return whenEnded();
    if (!(await progress.write())) return letGo();
    if (attempt.phase === "delivering") return whileDelivering();
    return attempt.phase === "retrying" ? whileRetrying() : towardsLaunch();
  }

  function isFinishing(): boolean {
    const { phase, ending } = attempt;
    return (
      phase === "delivering" && lastDelivery !== null && ending !== null && isLast(ending, progress.item())
    );
  }

  function worksOn(address: string): boolean {
    if (attempt.phase === "retrying" || attempt.phase === "ended") return false;
    if (address === progress.item().launchedOn?.address) return true;
    if (attempt.phase === "delivering") return false;
    return attempt.phase !== "running" || hosts === null || hosts.some((host) => host.address === address);
  }

  return {
    jobId,
    generation,
    worksOn,
    step,
    isFinishing,
    readSoon: progress.readSoon,
    abandon: preparation.abandon,
  };
}

/** A cancel, with the reason that the item gives for it. */
const withCause = (event: AttemptEvent, { cancelBecause: why }: JobItem): AttemptEvent =>
  event.type === "cancelRequested" && why !== undefined ? { ...event, why } : event;
