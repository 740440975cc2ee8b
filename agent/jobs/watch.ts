import { type AttemptEvent, type Ending, HEAD_LOST, nodeLost } from "./attempt.js";
import type { RankVerdict } from "./rank-verdict.js";

/** What is known about a running job at one moment. Times are monotonic milliseconds. */
export interface JobFacts {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly timeoutSeconds: number;
  readonly cancelRequested: boolean;
  /** "unknown": the node that mpiexec ran on is gone. */
  readonly processes: "running" | "ended" | "unknown";
  readonly exitCode: number | null;
  /** The first host that is lost, or null. */
  readonly lostHost: string | null;
  /** The first host that is missing now, however short the time, or null. */
  readonly missingHost: string | null;
  /** What the ranks' state means for the job, or null: nothing. */
  readonly verdict: RankVerdict | null;
  /** When mpiexec was first seen to be gone; null: it was not gone before. */
  readonly exitedSinceMs: number | null;
}

/** How long after mpiexec's failure a lost node may still be found, which is then the cause. */
const CAUSE_MS = 3_000;

/** Whether mpiexec has ended. */
export const hasExited = (facts: Pick<JobFacts, "exitCode" | "processes">): boolean =>
  facts.exitCode !== null || facts.processes === "ended";

/**
 * What happened to a running job, or null: it runs on, or its cause is not clear yet. When several things did, mpiexec's own
 * end comes first; where it failed, a rank's failure or a lost node explains it.
 */
export function observedEvent(facts: JobFacts): AttemptEvent | null {
  if (hasExited(facts)) return exitEvent(facts);
  if (facts.processes === "unknown") return { type: "failed", why: HEAD_LOST };
  if (facts.cancelRequested) return { type: "cancelRequested" };
  if (facts.lostHost !== null) return { type: "nodeLost", address: facts.lostHost };
  if (facts.verdict !== null) return { type: "ranksFailed", verdict: facts.verdict };
  const elapsedMs = facts.nowMs - facts.startedAtMs;
  if (elapsedMs >= facts.timeoutSeconds * 1000) {
    return { type: "timedOut", timeoutSeconds: facts.timeoutSeconds };
  }
  return null;
}

function exitEvent({ exitCode, verdict, missingHost, exitedSinceMs, nowMs }: JobFacts): AttemptEvent | null {
  const exited: AttemptEvent = { type: "exited", exitCode, verdict };
  if (exitCode === 0 || verdict !== null) return exited;
  if (missingHost !== null) {
    const verdict = { ...nodeLost(missingHost), lines: null, exitCode: null, host: missingHost };
    return { ...exited, verdict };
  }
  return exitedSinceMs !== null && nowMs - exitedSinceMs >= CAUSE_MS ? exited : null;
}

/** The limits of a stop: SIGTERM at once, SIGKILL after `killAfterMs` and again at each look, abandoned after `giveUpAfterMs`. */
export interface StopBounds {
  readonly killAfterMs: number;
  readonly giveUpAfterMs: number;
}

/** How long a program has between SIGTERM and SIGKILL to put its things in order. */
const STOP_BOUNDS: StopBounds = { killAfterMs: 5_000, giveUpAfterMs: 30_000 };
/** A job is cancelled within 5 s of the request, which a head may see after 2 s. */
const CANCEL_BOUNDS: StopBounds = { ...STOP_BOUNDS, killAfterMs: 1_000 };
/**
 * An attempt that has lost a node has ended within 5 s of the loss, which is found after up to 4 s. Its ranks are in a call of MPI that
 * never ends, and its mpiexec waits for what is lost.
 */
const LOSS_BOUNDS: StopBounds = { ...STOP_BOUNDS, killAfterMs: 300 };

/** The limits of the stop of an attempt that ends so. Pure. */
export function stopBounds({ event, reasonCode }: Pick<Ending, "event" | "reasonCode">): StopBounds {
  if (event === "cancel") return CANCEL_BOUNDS;
  return reasonCode === "node-lost" ? LOSS_BOUNDS : STOP_BOUNDS;
}

export type StopAction = "SIGTERM" | "SIGKILL" | "wait" | "giveUp";

/** What to do next to end the processes. `askedAtMs` null: they have not been asked yet. */
export function planStop(askedAtMs: number | null, nowMs: number, bounds: StopBounds): StopAction {
  if (askedAtMs === null) return "SIGTERM";
  const waitedMs = nowMs - askedAtMs;
  if (waitedMs >= bounds.giveUpAfterMs) return "giveUp";
  return waitedMs >= bounds.killAfterMs ? "SIGKILL" : "wait";
}
