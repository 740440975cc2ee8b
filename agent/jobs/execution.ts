import type { Logger } from "pino";
import { isJobEnded } from "../contract/job-state.js";
import { totalUsage } from "../contract/job-usage.js";
import { because, type JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import { reasonOf } from "../errors.js";
import {
  type Attempt,
  type AttemptPhase,
  adoptAttempt,
  advance,
  endedAttempt,
  NEW_ATTEMPT,
} from "./attempt.js";
import { restoreRecord, writeJob } from "./attempt-record.js";
import { type AskHost, jobHost } from "./job-hosts.js";
import { hostsOf, type LaunchPlan } from "./launch-plan.js";
import type { JobHost, JobRegistry } from "./ports.js";
import { programVerdict } from "./rank-verdict.js";
import { endChange, fetchSource, launch, preflight, type StepDeps, type StepOutcome } from "./steps.js";
import { createWatcher, type Watcher } from "./watcher.js";

export interface ExecutionDeps extends StepDeps {
  readonly registry: JobRegistry;
  readonly ask: AskHost;
  /** A job has ended, and its records wait for their delivery. */
  onEnded(): void;
  readonly log: Logger;
}

/** What follows a step: the next step at once, the next after a pause, or nothing: the job is done, or another head's. */
type StepResult = "again" | "watch" | "done";

/** Drives one claimed job under one generation. One step at a time; a step that throws (registry down) may be repeated. */
export interface Execution {
  readonly jobId: string;
  readonly generation: number;
  step(): Promise<StepResult>;
}

/** How many attempts a step before the launch gets before the job fails with its reason. */
const STEP_TRIES = 3;
const ITEM_READ_MS = 2_000;

/** What a step on the way to the launch has failed in. */
function stepCode(phase: AttemptPhase): JobReasonCode {
  if (phase === "source") return "source-failed";
  return phase === "preflight" ? "preflight-failed" : "mpiexec-not-started";
}

/** Starts driving a job that this head has just claimed: a new one, or one that ran under an earlier head. */
export async function takeUp(item: JobItem, deps: ExecutionDeps): Promise<Execution> {
  if (item.phase === "queued" || item.phase === "source") return createExecution(item, NEW_ATTEMPT, deps);
  const { id: jobId, launchedOn: on, leaseGeneration: generation } = item;
  const before = await restoreRecord(item, deps.registry);
  const host = jobHost({ jobId, on, generation }, { ...deps, local: deps.processes });
  const processes = await host.observe(jobId);
  const exitCode = await deps.records.exitCode(jobId);
  const verdict = item.request.mpi === false ? programVerdict(exitCode, false) : null;
  const attempt =
    before === null ? adoptAttempt(item, { processes, exitCode, verdict }) : endedAttempt(before);
  deps.log.info({ jobId, was: item.phase, on, processes, exitCode, phase: attempt.phase }, "adopting a job");
  // Nothing of it may run beside the next job, however its end became known.
  if (attempt.phase === "ended") await host.signal(jobId, "SIGKILL");
  const hosts = hostsOf((await host.hostfile(jobId)) ?? "");
  // Another node that mpiexec is on is heard by the host: it need not be connected to this head, nor be ready.
  const watched = host === deps.processes ? hosts : hosts.filter(({ address }) => address !== on?.address);
  const watcher = createWatcher(item, watched, { ...deps, processes: host }, deps.log);
  // The head of before was lost before it could write the start: the time counts from here, for the next head too.
  const isStartUnknown = attempt.phase === "running" && item.startedAt === null;
  const change = isStartUnknown ? { startedAt: deps.clock.now().toISOString() } : null;
  return createExecution(item, attempt, deps, { host, watcher, change });
}

function createExecution(
  claimed: JobItem,
  initial: Attempt,
  deps: ExecutionDeps,
  adopted: { readonly host: JobHost; readonly watcher: Watcher | null; readonly change: JobChange | null } = {
    host: deps.processes,
    watcher: null,
    change: null,
  },
): Execution {
  const { registry, log } = deps;
  const { host } = adopted;
  const { id: jobId, leaseGeneration: generation } = claimed;
  let item = claimed;
  let attempt = initial;
  let plan: LaunchPlan | null = null;
  let { watcher, change: pending } = adopted;
  let writtenPhase = claimed.phase;
  let itemReadAtMs = deps.clock.monotonicMs();
  let failures = 0;

  function happened({ event, change }: StepOutcome): void {
    const before = attempt;
    attempt = advance(attempt, event);
    pending = { ...pending, ...change };
    if (attempt.phase !== before.phase) failures = 0;
    const { reasonCode, reason } = attempt.ending ?? {};
    log.info({ jobId, event: event.type, phase: attempt.phase, reasonCode, reason }, "job");
  }

  /** Writes the changes. False: the job is not ours any more. */
  async function persist(): Promise<boolean> {
    if (attempt.phase === writtenPhase && pending === null) return true;
    const ending = attempt.phase === "ended" ? attempt.ending : null;
    const used = watcher?.usage() ?? [];
    const atEnd = ending === null ? {} : await endChange({ ...item, ...pending }, ending, deps);
    const usage = ending === null ? {} : { usage: totalUsage(used, watcher?.nodeCount ?? 0) };
    const change = { ...pending, ...atEnd, ...usage, phase: attempt.phase };
    if (!(await writeJob(item, change, registry, used))) return false;
    item = { ...item, ...change };
    pending = null;
    writtenPhase = attempt.phase;
    return true;
  }

  /** Reads the item: whether it is still ours, and whether a cancel has come. */
  async function isOurs(): Promise<boolean> {
    const read = await registry.read(jobId);
    itemReadAtMs = deps.clock.monotonicMs();
    if (read === null || isJobEnded(read.status) || read.leaseGeneration !== generation) return false;
    item = { ...item, cancelRequested: read.cancelRequested };
    return true;
  }

  /** Ends what is left of an ended job's processes. */
  async function putAway(): Promise<"done"> {
    await host.forget(jobId);
    deps.ranks.forget(jobId);
    deps.onEnded();
    return "done";
  }

  /** Its processes keep running: a newer head looks after them. Those of an ended job are found as strays. */
  function letGo(): "done" {
    log.warn({ jobId, generation }, "letting go of a job that is not ours any more");
    deps.ranks.forget(jobId);
    return "done";
  }

  /** A step before the launch: a cancel ends it; a failure is retried a few times. */
  async function towardsLaunch(): Promise<StepResult> {
    if (!(await isOurs())) return letGo();
    try {
      happened(item.cancelRequested ? { event: { type: "cancelRequested" } } : await nextOutcome());
      return "again";
    } catch (error) {
      failures += 1;
      log.warn({ jobId, phase: attempt.phase, failures, reason: reasonOf(error) }, "a job's step failed");
      if (failures < STEP_TRIES) return "watch";
      const why = because(stepCode(attempt.phase), `${attempt.phase} failed: ${reasonOf(error)}`);
      happened({ event: { type: "failed", why } });
      return "again";
    }
  }

  async function nextOutcome(): Promise<StepOutcome> {
    if (attempt.phase === "source") return fetchSource(item, deps);
    if (attempt.phase === "preflight") {
      const outcome = await preflight(item, deps);
      plan = outcome.plan ?? null;
      return outcome;
    }
    if (plan === null) throw new Error("nothing was planned to launch");
    const outcome = await launch(item, plan, deps);
    watcher = createWatcher({ ...item, ...outcome.change }, plan.hosts, deps, log);
    return outcome;
  }

  async function whileRunning(running: Watcher): Promise<StepResult> {
    try {
      const isDue = deps.clock.monotonicMs() - itemReadAtMs >= ITEM_READ_MS;
      if (!(await persist()) || (isDue && !(await isOurs()))) return letGo();
    } catch (error) {
      // A registry that does not answer must not keep us from watching the time and the nodes.
      log.warn({ jobId, reason: reasonOf(error) }, "the registry does not answer; watching on");
    }
    const event = await (attempt.ending === null ? running.look(item.cancelRequested) : running.stop());
    if (event === null) return "watch";
    happened({ event });
    return "again";
  }

  async function step(): Promise<StepResult> {
    if (attempt.phase === "running" && watcher !== null) return whileRunning(watcher);
    if (!(await persist())) return letGo();
    return attempt.phase === "ended" ? putAway() : towardsLaunch();
  }

  return { jobId, generation, step };
}
