import type { Logger } from "pino";
import type { AttemptItem } from "../contract/job-attempt.js";
import { isJobEnded } from "../contract/job-state.js";
import type { JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
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
  readonly clock: Clock;
  readonly log: Logger;
}

/** Uploads the logs of ended attempts to the bucket while this node is head, with any number of retries, beside running jobs. */
export interface LogDeliveries {
  /** Begins. Call once. */
  start(): void;
  /** Ends the upload in progress; the next head starts it again. */
  stop(): Promise<void>;
  /** Call it when an attempt has ended. Cheap; may be called at any time. */
  wake(): void;
}

const IDLE_MS = 1_000;
/** This look finds what an earlier head left behind. */
const LIST_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;
const REFUSED_PAUSE_MS = 300_000;

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

interface Waiting {
  readonly of: AttemptId;
  readonly tries: number;
  readonly dueAtMs: number;
}

/** Makes the deliveries; they do nothing before `start`. One log at a time, the one that is due first. */
export function createLogDeliveries(deps: LogDeliveriesDeps): LogDeliveries {
  const { registry, records, head, clock, log } = deps;
  const ending = new AbortController();
  let waiting: ReadonlyMap<string, Waiting> = new Map();
  let listAtMs = 0;
  const loop = createLoop({
    step,
    retryMs: IDLE_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "logs: trying again"),
    clock,
  });

  const put = (key: string, entry: Waiting | null) => {
    const next = new Map(waiting);
    if (entry === null) next.delete(key);
    else next.set(key, entry);
    waiting = next;
  };

  /** Failed ones wait for their time; all others are due now. */
  async function list(): Promise<void> {
    const nowMs = clock.monotonicMs();
    listAtMs = nowMs + LIST_MS;
    const entries = (await records.ids()).map((of): [string, Waiting] => {
      const key = `${of.jobId}/${of.attempt}`;
      return [key, waiting.get(key) ?? { of, tries: 0, dueAtMs: nowMs }];
    });
    waiting = new Map(entries);
  }

  async function deliver(of: AttemptId, exitCode: number | null): Promise<void> {
    const log = await deps.delivery.deliver({ ...of, exitCode }, ending.signal);
    const isThere = log !== null;
    await registry.noteLog(
      of,
      isThere ? { log, logState: "delivered", ...NO_LOG_REASON } : { logState: "lost", ...LOG_GONE },
    );
    deps.log.info({ ...of, log }, isThere ? "log delivered" : "there is no log to deliver");
    await records.remove(of);
  }

  async function lookAfter(key: string, { of, tries }: Waiting): Promise<void> {
    let record: AttemptItem | null = null;
    try {
      const job = await registry.read(of.jobId);
      record = await registry.readAttempt(of);
      const plan = planRecords(job, of.attempt, record);
      if (plan === "deliver" && record !== null) await deliver(of, record.exitCode);
      if (plan === "remove") await records.remove(of);
      put(key, null);
    } catch (error) {
      const why = logReasonOf(error);
      const { logReason: reason } = why;
      put(key, { of, tries: tries + 1, dueAtMs: clock.monotonicMs() + pauseMs(tries + 1, error) });
      log.warn({ ...of, tries: tries + 1, reason }, "the log is not delivered yet; trying again");
      if (record === null || record.logReason === reason || ending.signal.aborted) return;
      await registry.noteLog(of, { logState: "pending", ...why }).catch(() => false);
    }
  }

  async function step(): Promise<number> {
    if (head.generation() === null) {
      listAtMs = 0;
      waiting = new Map();
      return IDLE_MS;
    }
    if (clock.monotonicMs() >= listAtMs) await list();
    const [next] = [...waiting].sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs);
    if (next === undefined || next[1].dueAtMs > clock.monotonicMs()) return IDLE_MS;
    await lookAfter(...next);
    return 0;
  }

  return {
    start: () => void loop.start(),
    stop: () => {
      ending.abort();
      return loop.stop();
    },
    wake: () => {
      listAtMs = 0;
      loop.wake();
    },
  };
}
