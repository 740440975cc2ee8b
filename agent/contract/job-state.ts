import { nextState, type TransitionTable } from "./machine.js";

/**
 * A job's life.
 *
 *   NEW --claim--> INPROGRESS --succeed--> FINISHED
 *    |                 |  \--fail--> FAILED
 *    +---- cancel -----+--cancel--> CANCELLED
 *    +---- fail -> FAILED (it can never start: e.g. the cluster is being removed)
 *
 * INPROGRESS has the phases of its attempt, always in this order: source, preflight, launching, running, delivering. After an attempt that is
 * tried again comes retrying, and then the next one's source; agent/jobs/attempt.ts has the table.
 * FINISHED, FAILED and CANCELLED are final: the first reason wins. The log may still be pending then: see LOG_STATES.
 */
export type JobStatus = "NEW" | "INPROGRESS" | "FINISHED" | "FAILED" | "CANCELLED";
export type JobEvent = "claim" | "succeed" | "fail" | "cancel";
export type JobPhase =
  | "queued"
  | "source"
  | "preflight"
  | "launching"
  | "running"
  | "delivering"
  | "retrying"
  | "ended";

/**
 * The state of a job's log. `none`: the job has not ended, or never ran. `pending`: the job has ended, and the agents upload the
 * log, however long that takes. `delivered`: it is in the bucket. `lost`: there is no log to deliver any more.
 */
export type LogState = "none" | "pending" | "delivered" | "lost";
export const LOG_STATES: readonly LogState[] = ["none", "pending", "delivered", "lost"];

const TRANSITIONS = {
  NEW: { claim: "INPROGRESS", fail: "FAILED", cancel: "CANCELLED" },
  // A head that adopts another's running job claims it again.
  INPROGRESS: { claim: "INPROGRESS", succeed: "FINISHED", fail: "FAILED", cancel: "CANCELLED" },
  FINISHED: {},
  FAILED: {},
  CANCELLED: {},
} as const satisfies TransitionTable<JobStatus, JobEvent>;

export const JOB_STATUSES = Object.keys(TRANSITIONS) as readonly JobStatus[];
export const JOB_PHASES: readonly JobPhase[] = [
  "queued",
  "source",
  "preflight",
  "launching",
  "running",
  "delivering",
  "retrying",
  "ended",
];

/** The status after `event`. Throws IllegalTransitionError if the event is illegal in `status`. */
export function nextJobStatus(status: JobStatus, event: JobEvent): JobStatus {
  return nextState<JobStatus, JobEvent>("job", TRANSITIONS, status, event);
}

/** Whether nothing can change the job any more. */
export function isJobEnded(status: JobStatus): boolean {
  return Object.keys(TRANSITIONS[status]).length === 0;
}
