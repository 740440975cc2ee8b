import type { QueuedJob } from "../contract/job-problems.js";
import { isJobEnded, nextJobStatus } from "../contract/job-state.js";
import type { Offered } from "../contract/offer.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { JobsSeen } from "../idle/sources.js";
import { createLoop } from "../time/loop.js";
import { NOT_HEAD_MS } from "../time/resting.js";
import { createBusyRule } from "./busy.js";
import { beginPlanned, type Execution, type ExecutionDeps, isOver, takeUp } from "./execution.js";
import { createFinishing } from "./finishing.js";
import { createLaunchesAhead } from "./launches-ahead.js";
import { createLogDeliveries, type LogDeliveriesDeps } from "./log-deliveries.js";
import { createNotebookGate } from "./notebook-gate.js";
import { createQueueHints, type Nudge } from "./nudge.js";
import { createOffers, type Offer } from "./offers.js";
import { isUnreadable } from "./ports.js";
import { createQueueLook } from "./queue-look.js";
import { createReadAhead } from "./read-ahead.js";
import { createStrays } from "./strays.js";

export type JobRunnerDeps = Omit<ExecutionDeps, "onWake" | "onEnded"> &
  Omit<LogDeliveriesDeps, "isJobRunning">;

/**
 * Runs the cluster's jobs while this node is head, one at a time, oldest first, and uploads their logs. The next one begins when the program
 * of the one before has ended: its log is brought and its end written beside.
 */
export interface JobRunner {
  /** Begins to look for jobs. Call once. */
  start(): void;
  /** Stops looking, and waits for the step in progress. Running processes stay, for the next agent to adopt. */
  stop(): Promise<void>;
  /** Call it when something changed (a new job, a cancel, the hostfile, the lease). Cheap; may be called at any time. */
  wake(): void;
  /** As wake, where it is known that jobs were submitted or are to be cancelled. */
  nudge(nudge: Nudge): void;
  /**
   * Puts a new job into the registry as one that this head has claimed, and starts it. Null: this node is no head, or has something
   * else to do: submit it as any node does. Throws where the registry does not answer: it may be there then. May run twice.
   */
  startNow(job: JobItem): Promise<Offered>;
  /** The id of the job that this head runs, or else of one that it brings to its end. */
  running(): string | null;
  /** The jobs that it runs and has seen waiting. `lastAt`: when there was last one; null: not since the agent's start. */
  seen(): JobsSeen;
  /**
   * Whether that job has processes on the node of that address, or may be about to. So may one that is being taken, and any before the
   * first look of a term: what an earlier head started is not known yet.
   */
  worksOn(address: string): boolean;
  /**
   * Whether a job has processes on this node, which is not head, and the registry has not said that they are to be here: they may be of one that is
   * over. Exact at this moment. A head looks at such before it takes a job.
   */
  mayHoldStrays(): boolean;
  /** The node has lost its head, or found one: what was said of the processes here counts no more. */
  doubt(): void;
}

const WATCH_MS = 500;
const RETRY_MS = 1_000;

/** Makes the runner; it does nothing before `start`. */
export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const { registry, head, clock, log } = deps;
  let current: Execution | null = null;
  const deliveries = createLogDeliveries({ ...deps, isJobRunning: () => running() !== null });
  let lastAt: Date | null = null;
  const busy = createBusyRule(clock);
  const hints = createQueueHints(registry);
  const look = createQueueLook({ registry, hints, clock, log });
  const offers = createOffers(clock);
  const launches = createLaunchesAhead(deps);
  const ahead = createReadAhead(registry, launches.beginEarly, clock);
  const gate = createNotebookGate(deps);
  const finishing = createFinishing(deps);
  const strays = createStrays(deps);
  /** Whether a job has been chosen that may not be `current` yet: its claim, or the look at what an earlier head left of it, takes time. */
  let isTaking = false;
  let lastGeneration: number | null = null;
  const loop = createLoop({
    step,
    retryMs: RETRY_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "jobs: trying again"),
    clock,
  });

  async function readQueue(generation: number): Promise<readonly QueuedJob[]> {
    const jobs = await look.read(generation, finishing.ids);
    if (jobs.length > 0) lastAt = clock.now();
    return jobs.filter(hints.mayBeThere);
  }

  async function takeNext(generation: number): Promise<number> {
    const mayStart = !head.handsOver() && (head.hostfileNow()?.nodes.length ?? 0) > 0;
    const hinted = await hints.take(generation);
    const named = hinted === null ? [] : await gate.admitted([hinted.entry]);
    const nudged = nextJob(named, generation, mayStart);
    // A job is taken by a nudge only where none was in the queue.
    const jobs = nudged === null ? await readQueue(generation) : [];
    const admitted = await gate.admitted(jobs);
    const next = nudged ?? nextJob(admitted, generation, mayStart);
    isTaking = next !== null;
    if (next === null) return look.pauseMs();
    head.endRest();
    log.info({ jobId: next.id, found: nudged === null ? "queue" : "nudge" }, "taking a job");
    // Beside the claim, for it needs nothing of the job.
    if (next.status === "NEW" && !next.cancelRequested)
      deps.preflight.getReady(head.hostfileNow()?.nodes ?? []);
    // A nudge may have named another job, which has to wait.
    const item = nudged === null ? await ahead.take(next) : (hinted?.job ?? null);
    const begun = launches.begin(item);
    const claimed = await (begun === null
      ? registry.claim(next.id, generation)
      : registry.claimPlanned(next.id, generation, begun.change));
    // What a nudge named is another's, or gone: what is in the queue need not wait for that.
    if (claimed === null) return nudged === null ? look.lost() : 0;
    look.taken(next.id);
    if (isUnreadable(claimed)) {
      look.spoil(next.id, claimed);
      return 0;
    }
    if (await refuseBusy(claimed)) return 0;
    busy.started(claimed.id, jobs);
    ahead.expect(admitted, claimed.id);
    current =
      begun === null
        ? await takeUp(claimed, partsOf(claimed))
        : beginPlanned(claimed, partsOf(claimed), begun.folder);
    deliveries.wake();
    return 0;
  }

  const partsOf = (job: JobItem): ExecutionDeps => ({
    ...deps,
    onWake: loop.wake,
    onEnded() {
      hints.ended(job);
      lastAt = clock.now();
      deliveries.wake();
    },
  });

  /** Between two steps of the loop: so nothing else is claimed meanwhile. */
  async function startOffered({ job, answer, fail }: Offer, generation: number): Promise<number> {
    const mayPlan = hints.isEmpty(generation) && !head.handsOver() && gate.mayRun(job);
    const begun = mayPlan ? launches.begin(job) : null;
    if (begun === null) {
      answer(null);
      return 0;
    }
    log.info({ jobId: job.id, found: "offer" }, "taking a job");
    isTaking = true;
    head.endRest();
    deps.preflight.getReady(head.hostfileNow()?.nodes ?? []);
    try {
      const claimed = await registry.submitClaimed(job, generation, begun.change);
      if (claimed !== null) {
        hints.started();
        busy.started(job.id, []);
        current = beginPlanned(claimed, partsOf(claimed), begun.folder);
        deliveries.wake();
      }
      answer(claimed === null ? { is: "known" } : { is: "started", job: claimed });
    } catch (error) {
      fail(error);
      throw error;
    }
    return 0;
  }

  /** Ends a job that does not wait and had to. May run twice. */
  async function refuseBusy(job: JobItem): Promise<boolean> {
    const why = busy.refusal(job) ?? gate.refusal(job);
    if (why === null) return false;
    const status = nextJobStatus("INPROGRESS", "fail");
    const end = { status, phase: "ended", ...why, endedAt: clock.now().toISOString() } as const;
    await registry.update(job.id, job.leaseGeneration, end);
    hints.ended(job);
    log.info({ jobId: job.id, ...why }, "job");
    return true;
  }

  async function stepOn(execution: Execution): Promise<number> {
    const result = await execution.step();
    lastAt = clock.now();
    const isFinishing = !isOver(result) && execution.isFinishing() && finishing.hasRoom();
    if (result === "lost") strays.left(execution.jobId);
    if (isOver(result) || isFinishing) {
      busy.ended(execution.jobId);
      current = null;
    }
    if (isFinishing) finishing.add(execution);
    if (result === "watch") ahead.begin();
    return result === "watch" ? WATCH_MS : 0;
  }

  async function step(): Promise<number> {
    const generation = head.generation();
    if (generation !== null && generation !== lastGeneration) deliveries.wake();
    lastGeneration = generation;
    // Not head under the execution's generation: running processes stay, for the next head to adopt.
    if (current !== null && generation !== current.generation) {
      await current.abandon();
      strays.left(current.jobId);
      current = null;
    }
    // Also on a node that is not head: what a head of before, or another, has left running here.
    await strays.look([...finishing.ids(), ...(current === null ? [] : [current.jobId])]);
    const offer = offers.take();
    if (current !== null || generation === null) offer?.answer(null);
    else if (offer !== null) return startOffered(offer, generation);
    if (current !== null) return stepOn(current);
    return generation === null
      ? Math.max(0, Math.min(NOT_HEAD_MS, strays.dueMs() - clock.monotonicMs()))
      : takeNext(generation);
  }

  const running = () => current?.jobId ?? finishing.ids()[0] ?? null;

  return {
    start: () => {
      void loop.start();
      deliveries.start();
    },
    async stop() {
      await Promise.all([loop.stop(), deliveries.stop(), finishing.stop()]);
      await current?.abandon();
    },
    wake: loop.wake,
    nudge(nudge) {
      hints.note(nudge);
      look.heard();
      head.endRest();
      if (nudge.jobId === null || nudge.jobId === current?.jobId) current?.readSoon();
      loop.wake();
    },
    async startNow(job) {
      const generation = head.generation();
      if (generation === null || current !== null || !hints.isEmpty(generation)) return null;
      if (head.handsOver() || !gate.mayRun(job)) return null;
      const offered = offers.make(job);
      loop.wake();
      return offered;
    },
    running,
    seen: () => ({ running: running(), lastAt, ...look.seen(head.generation()) }),
    worksOn(address) {
      const mayWork =
        current?.worksOn(address) ?? (isTaking || look.seen(head.generation()).lookedMsAgo === null);
      return mayWork || finishing.worksOn(address);
    },
    mayHoldStrays: () => head.generation() === null && (current !== null || strays.unclear().length > 0),
    doubt() {
      strays.doubt();
      loop.wake();
    },
  };
}

/**
 * What a head of `generation` takes next: first what an earlier head left behind, then the oldest new one; a new one only
 * where it may start, unless it is to be cancelled anyway.
 */
export function nextJob(jobs: readonly QueuedJob[], generation: number, mayStart: boolean): QueuedJob | null {
  const left = jobs.filter((job) => job.status === "INPROGRESS" && job.leaseGeneration <= generation);
  // There may be one whose log is brought, and the one that runs: that soon makes room for this.
  const first = left.find(({ phase }) => phase === "delivering") ?? left[0];
  const isNext = (job: QueuedJob) => job.status === "NEW" && (mayStart || job.cancelRequested);
  return first ?? jobs.find((job) => !isJobEnded(job.status) && isNext(job)) ?? null;
}
