import { isJobEnded } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import { createNap } from "../nap.js";
import { type Execution, type ExecutionDeps, takeUp } from "./execution.js";

export type JobRunnerDeps = Omit<ExecutionDeps, "onWake">;

/** Runs the cluster's jobs while this node is head: one at a time, oldest first. */
export interface JobRunner {
  /** Begins to look for jobs. Call once. */
  start(): void;
  /** Stops looking, and waits for the step under way. What runs is left running, for the next agent to adopt. */
  stop(): Promise<void>;
  /** Something changed (a job came, a cancel, the hostfile, the lease): look at once. Cheap; may be called at any time. */
  wake(): void;
  /** The id of the job that this head runs. */
  running(): string | null;
  /** How many jobs wait, as last seen. */
  queued(): number;
}

const IDLE_MS = 1_000;
const WATCH_MS = 500;
const RETRY_MS = 1_000;
const COUNT_MS = 5_000;

/** Makes the runner; it does nothing before `start`. */
export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const { registry, head, clock, log } = deps;
  const nap = createNap(clock);
  let isStopping = false;
  let current: Execution | null = null;
  let waiting = 0;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  let loop: Promise<void> = Promise.resolve();

  async function readQueue(): Promise<JobItem[]> {
    const jobs = await registry.queue();
    waiting = jobs.filter((job) => job.status === "NEW").length;
    countedAtMs = clock.monotonicMs();
    return jobs;
  }

  async function takeNext(generation: number): Promise<number> {
    const mayStart = (head.hostfileNow()?.nodes.length ?? 0) > 0;
    const next = nextJob(await readQueue(), generation, mayStart);
    if (next === null) return IDLE_MS;
    const claimed = await registry.claim(next.id, generation);
    if (claimed === null) return IDLE_MS;
    if (next.status === "NEW") waiting -= 1;
    current = await takeUp(claimed, { ...deps, onWake: nap.wake });
    return 0;
  }

  async function stepOn(execution: Execution): Promise<number> {
    const result = await execution.step();
    if (result === "done") current = null;
    if (result === "watch" && clock.monotonicMs() - countedAtMs >= COUNT_MS) await readQueue();
    return result === "watch" ? WATCH_MS : 0;
  }

  /** Not head under the execution's generation: it runs on, unless another head has it. A new generation adopts it. */
  async function standBy(execution: Execution, generation: number | null): Promise<number> {
    if (generation !== null) {
      current = null;
      return 0;
    }
    if (await execution.isLost()) current = null;
    return RETRY_MS;
  }

  async function tick(): Promise<number> {
    const generation = head.generation();
    if (current !== null) {
      return generation === current.generation ? stepOn(current) : standBy(current, generation);
    }
    return generation === null ? IDLE_MS : takeNext(generation);
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const pauseMs = await tick().catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, "jobs: trying again");
        return RETRY_MS;
      });
      if (pauseMs > 0) await nap.pause(pauseMs);
    }
  }

  return {
    start: () => {
      loop = run();
    },
    stop: () => {
      isStopping = true;
      nap.wake();
      return loop;
    },
    wake: nap.wake,
    running: () => current?.jobId ?? null,
    queued: () => waiting,
  };
}

/**
 * What a head of `generation` takes next: first what an earlier head left behind, then the oldest new one; a new one only
 * where it may start, unless it is to be cancelled anyway.
 */
export function nextJob(jobs: readonly JobItem[], generation: number, mayStart: boolean): JobItem | null {
  const left = jobs.find((job) => job.status === "INPROGRESS" && job.leaseGeneration <= generation);
  const isNext = (job: JobItem) => job.status === "NEW" && (mayStart || job.cancelRequested);
  return left ?? jobs.find((job) => !isJobEnded(job.status) && isNext(job)) ?? null;
}
