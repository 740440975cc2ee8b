import type { Logger } from "pino";
import { isJobEnded } from "../contract/job-state.js";
import type { JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { HeadView, JobRecords, JobRegistry, LogDelivery } from "./ports.js";

/** The bucket refuses, and will refuse again until somebody changes something. */
export class LogRefusedError extends Error {
  override readonly name = "LogRefusedError";
}

export interface LogDeliveriesDeps {
  readonly registry: Pick<JobRegistry, "read" | "noteLog">;
  readonly records: Pick<JobRecords, "ids" | "remove">;
  readonly delivery: LogDelivery;
  readonly head: Pick<HeadView, "generation">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Uploads the logs of ended jobs to the bucket while this node is head, with any number of retries, beside running jobs. */
export interface LogDeliveries {
  /** Begins. Call once. */
  start(): void;
  /** Ends the upload in progress; the next head starts it again. */
  stop(): Promise<void>;
  /** Call it when a job has ended. Cheap; may be called at any time. */
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

/** What to do with a job's records. Pure. */
export function planRecords(
  item: Pick<JobItem, "status" | "logState"> | null,
): "deliver" | "remove" | "keep" {
  if (item === null) return "remove";
  if (!isJobEnded(item.status)) return "keep";
  return item.logState === "pending" ? "deliver" : "remove";
}

/** How long to wait before the next try, after `tries` failures in a row. Pure. */
export function pauseMs(tries: number, error: unknown): number {
  if (error instanceof LogRefusedError) return REFUSED_PAUSE_MS;
  return Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(tries - 1, 10));
}

interface Waiting {
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

  const put = (jobId: string, entry: Waiting | null) => {
    const next = new Map(waiting);
    if (entry === null) next.delete(jobId);
    else next.set(jobId, entry);
    waiting = next;
  };

  /** Failed ones wait for their time; all others are due now. */
  async function list(): Promise<void> {
    const nowMs = clock.monotonicMs();
    listAtMs = nowMs + LIST_MS;
    const fresh: Waiting = { tries: 0, dueAtMs: nowMs };
    waiting = new Map((await records.ids()).map((id) => [id, waiting.get(id) ?? fresh]));
  }

  async function deliver(item: JobItem): Promise<void> {
    const { id: jobId, attempt, exitCode } = item;
    // A job that ended before its launch has no output, whatever its records looked like then.
    const log =
      attempt === null ? null : await deps.delivery.deliver({ jobId, attempt, exitCode }, ending.signal);
    const isThere = log !== null;
    await registry.noteLog(
      item,
      isThere ? { log, logState: "delivered", ...NO_LOG_REASON } : { logState: "lost", ...LOG_GONE },
    );
    deps.log.info({ jobId, log }, isThere ? "log delivered" : "there is no log to deliver");
    await records.remove(jobId);
  }

  async function lookAfter(jobId: string, { tries }: Waiting): Promise<void> {
    let item: JobItem | null = null;
    try {
      item = await registry.read(jobId);
      const plan = planRecords(item);
      if (plan === "deliver" && item !== null) await deliver(item);
      if (plan === "remove") await records.remove(jobId);
      put(jobId, null);
    } catch (error) {
      const why = logReasonOf(error);
      const { logReason: reason } = why;
      put(jobId, { tries: tries + 1, dueAtMs: clock.monotonicMs() + pauseMs(tries + 1, error) });
      log.warn({ jobId, tries: tries + 1, reason }, "the log is not delivered yet; trying again");
      if (item === null || item.logReason === reason || ending.signal.aborted) return;
      await registry.noteLog(item, { logState: "pending", ...why }).catch(() => false);
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
