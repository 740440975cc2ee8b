import { type LaunchReasonCode, REASONS } from "../../../agent/contract/reasons.js";
import type { ScalingActivity } from "../../client/ports.js";
import { LAUNCH_CAUSES } from "./launch-causes.js";

/** Why a group starts no instances. `message` is from the group's activities. */
export interface LaunchFailure {
  readonly code: LaunchReasonCode;
  /** true: waiting can't help; false: it may pass by itself. */
  readonly isLasting: boolean;
  readonly message: string;
}

const MAX_PATIENCE_MS = 300_000;
/** A launch was refused (Failed), or its instance terminated before it was in service (Cancelled). */
const ENDED = ["Successful", "Failed", "Cancelled"];

/**
 * Why the group starts no instances, from the activities that began after the resize, newest first. A lasting failure always
 * counts; a transient one only while there is nothing newer.
 */
export function findLaunchFailure(activities: readonly ScalingActivity[]): LaunchFailure | null {
  // One in progress has no result yet; it must not hide the failure before it.
  const ended = activities.filter(({ status }) => ENDED.includes(status));
  const failures = ended.map(({ status, message }): LaunchFailure | null => {
    const known = LAUNCH_CAUSES.find(({ says }) => says.test(message));
    if (status === "Successful" || known === undefined) return null;
    return { code: known.code, isLasting: REASONS[known.code].retry === "never", message };
  });
  return failures.find((failure) => failure?.isLasting) ?? failures[0] ?? null;
}

/** How long to wait for a shortage to pass: a quarter of the time-out, at most 5 minutes. */
export const patienceMs = (timeoutMs: number): number => Math.min(timeoutMs / 4, MAX_PATIENCE_MS);
