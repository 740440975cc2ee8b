import type { AttemptFacts } from "../contract/job-attempt.js";
import { NO_REASON } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Ending } from "./attempt.js";
import { NO_LOG_REASON } from "./log-deliveries.js";

/** What a job is when a head takes it for the first time: its first attempt begins, and its time. Pure. */
export const firstAttempt = (now: Date): JobChange => ({ attempt: 1, claimedAt: now.toISOString() });

/** What an attempt knows of itself before it has done anything. */
const NOTHING_YET: Partial<AttemptFacts> & Pick<JobItem, "retryAt" | "log"> = {
  ...NO_REASON,
  ...NO_LOG_REASON,
  retryAt: null,
  startedAt: null,
  endedAt: null,
  launchedOn: null,
  ranks: null,
  exitCode: null,
  failedNode: null,
  leftOut: [],
  usage: null,
  lastLines: [],
  logPrefix: null,
  log: null,
  logState: "none",
};

/**
 * What a job is while its attempt's log is delivered: in progress, and how it will end is said already, with the
 * failed rank's own last lines. A head that takes it up then ends it so. Pure.
 */
export const delivering = ({ reasonCode, reason, exitCode, host, lines = [] }: Ending): JobChange => ({
  ...{ reasonCode, reason, exitCode, lastLines: [...lines] },
  failedNode: host === undefined ? null : { address: host },
});

/** What a job is when its next attempt begins. Of the one before only the wait is left, and what the whole job has. Pure. */
export function nextAttempt({ attempt, phaseTimes: { retrying } }: JobItem): JobChange {
  const phaseTimes = retrying === undefined ? {} : { retrying };
  return { ...NOTHING_YET, attempt: (attempt ?? 0) + 1, phaseTimes };
}

/** What a job is while it waits for its next attempt: in progress, with the facts of the attempt that has ended so. Pure. */
export function retryWait(end: JobChange, retryAt: Date, now: Date): JobChange {
  const { status: _status, endedAt: _endedAt, ...facts } = end;
  const phaseTimes = { ...end.phaseTimes, retrying: now.toISOString() };
  return { ...facts, phase: "retrying", phaseTimes, retryAt: retryAt.toISOString() };
}
