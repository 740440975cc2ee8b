import { DEFAULT_SETUP_TIMEOUT_SECONDS } from "../contract/job-request.js";
import type { JobItem, JobRequest } from "../contract/registry.js";
import type { AttemptEvent, AttemptPhase } from "./attempt.js";

/** How long fetching the source may take altogether, without the set-up. What it consists of has narrower limits of its own. */
const SOURCE_SECONDS = 3_600;
const PREFLIGHT_SECONDS = 300;
const LAUNCHING_SECONDS = 60;

/** How long a phase before the launch may take, in seconds. Pure. */
export function phaseSeconds(phase: AttemptPhase, { setup }: Pick<JobRequest, "setup">): number {
  if (phase === "preflight") return PREFLIGHT_SECONDS;
  if (phase === "launching") return LAUNCHING_SECONDS;
  return SOURCE_SECONDS + (setup === undefined ? 0 : (setup.timeoutSeconds ?? DEFAULT_SETUP_TIMEOUT_SECONDS));
}

/** When the whole job has to be over: in milliseconds since 1970; null: it has no limit. Pure. */
export function jobDeadlineMs({ request, claimedAt }: Pick<JobItem, "request" | "claimedAt">): number | null {
  const { jobTimeoutSeconds } = request;
  if (jobTimeoutSeconds === undefined || claimedAt === null) return null;
  return Date.parse(claimedAt) + jobTimeoutSeconds * 1_000;
}

/** That the whole job has run out of its time, else null. By the wall clock, for it counts across heads. Pure. */
export function jobTimeOut(item: Pick<JobItem, "request" | "claimedAt">, now: Date): AttemptEvent | null {
  const deadlineMs = jobDeadlineMs(item);
  if (deadlineMs === null || now.getTime() < deadlineMs) return null;
  return { type: "jobTimedOut", jobTimeoutSeconds: item.request.jobTimeoutSeconds ?? 0 };
}
