import type { Logger } from "pino";
import type { AttemptItem } from "../contract/job-attempt.js";
import { isJobEnded } from "../contract/job-state.js";
import type { JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import { NOT_HEAD_MS } from "../time/resting.js";
import type { AttemptId, HeadView, JobRecords, JobRegistry, LogDelivery } from "./ports.js";

/** The bucket refuses, and will refuse again until somebody changes something. */
export class LogRefusedError extends Error {
  override readonly name = "LogRefusedError";
}

export interface LogDeliveriesDeps {
  readonly registry: Pick<JobRegistry, "read" | "readAttempt" | "noteLog">;
  readonly records: Pick<JobRecords, "ids" | "remove">;
  readonly delivery: LogDelivery;
  readonly head: Pick<HeadView, "generation">;
  /** Whether this head has a job, whose attempt may begin to write. */
  isJobRunning(): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Brings the attempts' output to the bucket while this node is head: of the running one as it comes, and what is left when it has ended,
 * with any number of retries, beside running jobs.
 */
export interface LogDeliveries {
  /** Begins. Call once. */
  start(): void;
  /** Ends the uploads in progress; the next head goes on with them. */
  stop(): Promise<void>;
  /** Call it when this node has become head, has taken a job, or an attempt has ended. Cheap; may be called at any time. */
  wake(): void;
}

const IDLE_MS = 1_000;
/** Where there is nothing to deliver and no job: a wake ends it. */
const REST_MS = 5_000;
/** How soon the output of a new attempt is found. */
const LIST_MS = 2_000;
/** How often the registry is asked about a running attempt whose end was not heard of. */
const READ_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;
const REFUSED_PAUSE_MS = 300_000;
/** Of a running attempt: people look at its output. */
const LONGEST_LIVE_PAUSE_MS = 10_000;

type LogReason = Pick<JobItem, "logReasonCode" | "logReason">;
export const NO_LOG_REASON: LogReason = { logReasonCode: null, logReason: null };
/** Why a log is lost. */
export const LOG_GONE: LogReason = {
  logReasonCode: "log-lost",
  logReason: "its output is not in the cluster's records any more",
};

/** Why a log is still pending after a try that ended with `error`. Pure. */
export function logReasonOf(error: unknown): LogReason {
  const logReasonCode: JobReasonCode = error instanceof LogRefusedError ? "log-refused" : "log-undelivered";
  return { logReasonCode, logReason: reasonOf(error) };
}

/**
 * What to do with the records of attempt `number`: `job` is its job, and `record` the attempt's own. Nothing before the job says that
 * the attempt is over: its end is written in two places, and a log that came between them would be noted in one. Pure.
 */
export function planRecords(
  job: Pick<JobItem, "status" | "attempt" | "logState"> | null,
  number: number,
  record: Pick<AttemptItem, "status" | "logState"> | null,
): "deliver" | "remove" | "keep" {
  if (job === null) return "remove";
  const isCurrent = job.attempt === number && job.logState === "none";
  if (isCurrent && !isJobEnded(job.status)) return "keep";
  return record?.logState === "pending" && isJobEnded(record.status) ? "deliver" : "remove";
}

/** How long to wait before the next try, after `tries` failures in a row. Pure. */
export function pauseMs(tries: number, error: unknown): number {
  if (error instanceof LogRefusedError) return REFUSED_PAUSE_MS;
  return Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(tries - 1, 10));
}

/** An attempt that has records. */
interface Waiting {
  readonly of: AttemptId;
  readonly tries: number;
  readonly dueAtMs: number;
  /** Until then it counts as running; null: it has ended, or is not known yet. */
  readonly runsUntilMs: number | null;
  /** Its record, once it has ended. */
  readonly record: AttemptItem | null;
}

/** Makes the deliveries; they do nothing before `start`. */
export function createLogDeliveries(deps: LogDeliveriesDeps): LogDeliveries {
  const { registry, records, delivery, head, isJobRunning, clock, log } = deps;
  const ending = new AbortController();
  const waiting = new Map<string, Waiting>();
  let listAtMs = 0;
  const onOutage = (error: unknown) => log.warn({ reason: reasonOf(error) }, "logs: trying again");
  // Two, so that no large log of before keeps the running attempt's output back.
  const loops = [stepLive, stepLate].map((step) => createLoop({ step, retryMs: IDLE_MS, onOutage, clock }));

  /** Failed ones wait for their time; all others are due now. */
  async function list(): Promise<void> {
    const nowMs = clock.monotonicMs();
    listAtMs = nowMs + LIST_MS;
    const ids = new Map((await records.ids()).map((of) => [`${of.jobId}/${of.attempt}`, of]));
    for (const key of waiting.keys()) if (!ids.has(key)) waiting.delete(key);
    const isNew = { tries: 0, dueAtMs: nowMs, runsUntilMs: null, record: null };
    for (const [key, of] of ids) if (!waiting.has(key)) waiting.set(key, { of, ...isNew });
  }

  async function remove(key: string, of: AttemptId): Promise<void> {
    await records.remove(of);
    delivery.forget(of);
    waiting.delete(key);
  }

  /** What is running is looked at often, and the registry seldom asked about it. */
  async function look(key: string, entry: Waiting): Promise<void> {
    const { of } = entry;
    const nowMs = clock.monotonicMs();
    if (entry.runsUntilMs === null || nowMs >= entry.runsUntilMs) {
      const job = await registry.read(of.jobId);
      const record = await registry.readAttempt(of);
      const plan = planRecords(job, of.attempt, record);
      if (plan === "remove") return remove(key, of);
      if (plan === "deliver") return void waiting.set(key, { ...entry, runsUntilMs: null, record });
      waiting.set(key, { ...entry, runsUntilMs: nowMs + READ_MS });
    }
    await delivery.ship(of, ending.signal);
  }

  async function deliver(key: string, { of }: Waiting, exitCode: number | null): Promise<void> {
    const delivered = await delivery.deliver({ ...of, exitCode }, ending.signal);
    const isThere = delivered !== null;
    await registry.noteLog(
      of,
      isThere
        ? { log: delivered, logState: "delivered", ...NO_LOG_REASON }
        : { logState: "lost", ...LOG_GONE },
    );
    log.info({ ...of, log: delivered }, isThere ? "log delivered" : "there is no log to deliver");
    await remove(key, of);
  }

  /** Notes that it failed, and why; what has failed waits. */
  async function failed(key: string, entry: Waiting, error: unknown): Promise<void> {
    const tries = entry.tries + 1;
    const why = logReasonOf(error);
    const { logReason: reason } = why;
    const now = waiting.get(key) ?? entry;
    const longestMs = now.record === null ? LONGEST_LIVE_PAUSE_MS : Number.POSITIVE_INFINITY;
    const dueAtMs = clock.monotonicMs() + Math.min(longestMs, pauseMs(tries, error));
    waiting.set(key, { ...now, tries, dueAtMs });
    log.warn({ ...entry.of, tries, reason }, "the log is not delivered yet; trying again");
    if (entry.record === null || entry.record.logReason === reason || ending.signal.aborted) return;
    waiting.set(key, { ...(waiting.get(key) ?? entry), record: { ...entry.record, ...why } });
    await registry.noteLog(entry.of, { logState: "pending", ...why }).catch(() => false);
  }

  /** Those of one kind that are due, the one that has waited longest first. */
  const due = (isLate: boolean) =>
    [...waiting]
      .filter(([, entry]) => (entry.record !== null) === isLate && entry.dueAtMs <= clock.monotonicMs())
      .sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs);

  const idleMs = () => (waiting.size > 0 || isJobRunning() ? IDLE_MS : REST_MS);

  async function stepLive(): Promise<number> {
    if (head.generation() === null) {
      listAtMs = 0;
      waiting.clear();
      delivery.forgetAll();
      return NOT_HEAD_MS;
    }
    if (clock.monotonicMs() >= listAtMs) await list();
    for (const [key, entry] of due(false)) {
      await look(key, entry).then(
        () => succeeded(key),
        (error: unknown) => failed(key, entry, error),
      );
    }
    if (due(true).length > 0) loops[1]?.wake();
    return idleMs();
  }

  function succeeded(key: string): void {
    const entry = waiting.get(key);
    if (entry !== undefined) waiting.set(key, { ...entry, tries: 0, dueAtMs: clock.monotonicMs() });
  }

  async function stepLate(): Promise<number> {
    if (head.generation() === null) return NOT_HEAD_MS;
    const [next] = due(true);
    if (next === undefined) return idleMs();
    const [key, entry] = next;
    await deliver(key, entry, entry.record?.exitCode ?? null).catch((error: unknown) =>
      failed(key, entry, error),
    );
    return 0;
  }

  return {
    start() {
      for (const loop of loops) void loop.start();
    },
    async stop() {
      ending.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
    },
    wake() {
      listAtMs = 0;
      const dueAtMs = clock.monotonicMs();
      for (const [key, entry] of waiting)
        if (entry.record === null) waiting.set(key, { ...entry, runsUntilMs: null, dueAtMs });
      loops[0]?.wake();
    },
  };
}
