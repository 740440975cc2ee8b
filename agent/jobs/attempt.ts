import type { AttemptFacts } from "../contract/job-attempt.js";
import type { JobEvent, JobPhase, JobStatus } from "../contract/job-state.js";
import { nextState, type TransitionTable } from "../contract/machine.js";
import {
  type Because,
  because,
  CANCELLED_ON_REQUEST,
  type JobReasonCode,
  NO_REASON,
} from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { type RankVerdict, signalOf } from "./rank-verdict.js";

/**
 * An attempt: one execution of a job, as the head drives it, and the wait for the next one. Pure: the runner performs what the
 * phase asks for and feeds back what happened.
 *
 *   source --prepared--> preflight --checked--> launching --launched--> running --exited--> delivering --delivered--> ended
 *    ^ \                    |                      /                     |  ^                |  ^                     |
 *    |  +------------------stop-------------------+--> ended            stop (processes are  stop (too late:       retry
 *    |                                                                  still there: kill)   nothing changes)        |
 *    +----------------------due: the next attempt---------------- retrying <----------------------------------------+
 *                                                                     \--stop--> ended
 *
 * | phase      | prepared  | checked   | launched | exited     | delivered | stop       | retry    | due    |
 * |------------|-----------|-----------|----------|------------|-----------|------------|----------|--------|
 * | source     | preflight |           |          |            |           | ended      |          |        |
 * | preflight  |           | launching |          |            |           | ended      |          |        |
 * | launching  |           |           | running  |            |           | ended      |          |        |
 * | running    |           |           |          | delivering |           | running    |          |        |
 * | delivering |           |           |          |            | ended     | delivering |          |        |
 * | ended      |           |           |          |            |           | ended      | retrying |        |
 * | retrying   |           |           |          |            |           | ended      |          | source |
 *
 * `stop` is everything that ends a job before its time: a failure, a cancel, a time-out, a lost node. The first one gives
 * the ending; what comes after it changes nothing. `delivered`: its log is in the bucket, or the time for that is over. `retry`: the ending is recorded, and the job's policy has it tried again.
 */
export type AttemptPhase = Exclude<JobPhase, "queued">;
type AttemptStep = "prepared" | "checked" | "launched" | "exited" | "delivered" | "stop" | "retry" | "due";

const TRANSITIONS = {
  source: { prepared: "preflight", stop: "ended" },
  preflight: { checked: "launching", stop: "ended" },
  launching: { launched: "running", stop: "ended" },
  running: { exited: "delivering", stop: "running" },
  delivering: { delivered: "ended", stop: "delivering" },
  ended: { stop: "ended", retry: "retrying" },
  retrying: { due: "source", stop: "ended" },
} as const satisfies TransitionTable<AttemptPhase, AttemptStep>;

/** How a job ends. `exitCode` is the failed rank's, else mpiexec's; null if neither is known. */
export interface Ending {
  readonly event: Extract<JobEvent, "succeed" | "fail" | "cancel">;
  readonly reasonCode: JobReasonCode | null;
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** The last lines of the rank, or of the installation, that failed; without them, the output's are shown. */
  readonly lines?: readonly string[];
  /** The address of the one node that it is due to. */
  readonly host?: string;
}

/** The state of an attempt. `ending` is set once and for all. */
export interface Attempt {
  readonly phase: AttemptPhase;
  readonly ending: Ending | null;
}

export type AttemptEvent =
  | { readonly type: "prepared" | "checked" | "launched" | "delivered" | "retry" | "due" }
  /** `why` is missing where a person or a program asked for it. */
  | { readonly type: "cancelRequested"; readonly why?: Because<JobReasonCode> }
  | {
      readonly type: "failed";
      readonly why: Because<JobReasonCode>;
      readonly host?: string;
      readonly lines?: readonly string[];
    }
  | { readonly type: "timedOut"; readonly timeoutSeconds: number }
  /** All attempts and pauses together. */
  | { readonly type: "jobTimedOut"; readonly jobTimeoutSeconds: number }
  | { readonly type: "nodeLost"; readonly address: string }
  /** A rank has failed, and mpiexec may not have noticed. */
  | { readonly type: "ranksFailed"; readonly verdict: RankVerdict }
  /** mpiexec is gone; null: it left no exit code. `verdict`: what is known of its ranks. */
  | { readonly type: "exited"; readonly exitCode: number | null; readonly verdict?: RankVerdict | null };

export const HEAD_LOST = because("head-lost", "head node lost");
export const NO_EXIT_CODE = because(
  "exit-code-unknown",
  "mpiexec ended without an exit code: it was killed, or the cluster's records could not be written",
);

export const nodeLost = (address: string) =>
  because("node-lost", `node ${address} was lost while the job ran`);

export const NEW_ATTEMPT: Attempt = { phase: "source", ending: null };
/** What has ended and been recorded, and is tried again. */
const WAITING_ATTEMPT: Attempt = { phase: "retrying", ending: null };

/** The attempt after `event`. Throws IllegalTransitionError for an event that its phase can't have: a bug. */
export function advance(attempt: Attempt, event: AttemptEvent): Attempt {
  const ending = event.type === "retry" ? null : (attempt.ending ?? endingOf(event));
  return {
    phase: nextState<AttemptPhase, AttemptStep>("attempt", TRANSITIONS, attempt.phase, stepOf(event)),
    ending,
  };
}

function stepOf(event: AttemptEvent): AttemptStep {
  switch (event.type) {
    case "failed":
    case "cancelRequested":
    case "timedOut":
    case "jobTimedOut":
    case "nodeLost":
    case "ranksFailed":
      return "stop";
    default:
      return event.type;
  }
}

function endingOf(event: AttemptEvent): Ending | null {
  const fail = (why: Because<JobReasonCode>, host?: string): Ending => ({
    ...{ event: "fail", ...why, exitCode: null },
    ...(host === undefined ? {} : { host }),
  });
  switch (event.type) {
    case "failed":
      return {
        ...fail(event.why, event.host),
        ...(event.lines === undefined ? {} : { lines: event.lines }),
      };
    case "timedOut":
      return fail(because("timed-out", `timed out after ${event.timeoutSeconds} s`));
    case "jobTimedOut": {
      const reason = `the whole job, its attempts and the pauses between them, timed out after ${event.jobTimeoutSeconds} s`;
      return fail(because("job-timed-out", reason));
    }
    case "nodeLost":
      return fail(nodeLost(event.address), event.address);
    case "cancelRequested":
      return { event: "cancel", ...(event.why ?? CANCELLED_ON_REQUEST), exitCode: null };
    case "ranksFailed":
      return endingOfRanks(event.verdict);
    case "exited":
      // A rank that failed is the cause; what MPI makes of it, such as ending the others, is the symptom.
      return event.exitCode !== 0 && event.verdict
        ? endingOfRanks(event.verdict)
        : endingOfExit(event.exitCode);
    default:
      return null;
  }
}

function endingOfRanks({ reasonCode, reason, exitCode, lines, host }: RankVerdict): Ending {
  const known = { ...(lines === null ? {} : { lines }), ...(host === undefined ? {} : { host }) };
  return { event: "fail", reasonCode, reason, exitCode, ...known };
}

function endingOfExit(exitCode: number | null): Ending {
  if (exitCode === null) return { event: "fail", ...NO_EXIT_CODE, exitCode };
  if (exitCode === 0) return { event: "succeed", ...NO_REASON, exitCode };
  const signal = signalOf(exitCode);
  const why =
    signal === undefined
      ? because("mpiexec-failed", `mpiexec exited with code ${exitCode}`)
      : because("mpiexec-killed", `mpiexec was ended by ${signal}`);
  return { event: "fail", ...why, exitCode };
}

const END_EVENTS: Readonly<Partial<Record<JobStatus, Ending["event"]>>> = {
  FINISHED: "succeed",
  FAILED: "fail",
  CANCELLED: "cancel",
};

/** The attempt whose record says that it has ended, although its job has not. */
export function endedAttempt(record: AttemptFacts): Attempt {
  const { reasonCode, reason, exitCode, lastLines: lines, failedNode } = record;
  const event = END_EVENTS[record.status] ?? "fail";
  const known = failedNode === null ? {} : { host: failedNode.address };
  return { phase: "ended", ending: { event, reasonCode, reason, exitCode, lines, ...known } };
}

/** The ending that the job says, whose log is being delivered: see changes.ts. */
function endingInJob(job: DeliveringFacts): Ending {
  const {
    reasonCode,
    reason,
    exitCode,
    failedNode,
    lastLines,
    cancelBecause: why = CANCELLED_ON_REQUEST,
  } = job;
  const isCancel = reasonCode === CANCELLED_ON_REQUEST.reasonCode || reasonCode === why.reasonCode;
  const event = reasonCode === null ? "succeed" : isCancel ? "cancel" : "fail";
  const known = {
    ...(failedNode === null ? {} : { host: failedNode.address }),
    ...(lastLines.length === 0 ? {} : { lines: lastLines }),
  };
  return { event, reasonCode, reason, exitCode, ...known };
}
type DeliveringFacts = Pick<
  JobItem,
  "reasonCode" | "reason" | "exitCode" | "failedNode" | "lastLines" | "cancelBecause"
>;

/** What an adopting head finds. `processes` is "unknown" where the node they were started on is gone, or has rebooted. */
export interface AdoptionEvidence {
  readonly processes: "running" | "ended" | "unknown";
  readonly exitCode: number | null;
  /** What the exit code means, where mpiexec is not what gave it. */
  readonly verdict?: RankVerdict | null;
}

/**
 * The attempt that a head takes over from an earlier one, itself before a restart or another node. Before the launch it starts
 * over, for nothing has run yet; between two attempts it waits on, and what has ended stays so. After the launch, mpiexec is watched on where it lives, and is lost with the node it lived on; an
 * exit code in the job's records is the truth wherever it was written.
 */
export function adoptAttempt(
  item: Pick<JobItem, "phase"> & DeliveringFacts,
  evidence: AdoptionEvidence,
): Attempt {
  if (item.phase === "retrying") return WAITING_ATTEMPT;
  if (item.phase === "delivering") return { phase: "delivering", ending: endingInJob(item) };
  if (item.phase !== "launching" && item.phase !== "running") return NEW_ATTEMPT;
  const running: Attempt = { phase: "running", ending: null };
  if (evidence.processes === "running") return running;
  if (evidence.exitCode !== null || evidence.processes === "ended") {
    const { exitCode, verdict = null } = evidence;
    return advance(running, { type: "exited", exitCode, verdict });
  }
  return advance({ phase: "launching", ending: null }, { type: "failed", why: HEAD_LOST });
}
