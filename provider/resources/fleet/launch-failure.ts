import type { ScalingActivity } from "../../client/ports.js";
import { LAUNCH_CAUSES, type LaunchCause } from "./launch-causes.js";

/** Why a group starts no instances. `message` is the group's. */
export interface LaunchFailure extends Omit<LaunchCause, "says"> {
  readonly message: string;
}

const MAX_PATIENCE_MS = 300_000;
/** A launch is refused (Failed), or its instance ends before it is in service (Cancelled). */
const ENDED = ["Successful", "Failed", "Cancelled"];

/**
 * What keeps the group from starting instances, from the activities that began after the resize, newest first. A lasting
 * failure counts wherever it is; one that may pass only while nothing newer has come.
 */
export function findLaunchFailure(activities: readonly ScalingActivity[]): LaunchFailure | null {
  // One in progress says nothing yet; it must not hide the failure before it.
  const ended = activities.filter(({ status }) => ENDED.includes(status));
  const failures = ended.map(({ status, message }) => {
    const known = LAUNCH_CAUSES.find(({ says }) => says.test(message));
    return status === "Successful" || known === undefined ? null : { message, ...known };
  });
  const found = failures.find((failure) => failure?.isLasting) ?? failures[0] ?? null;
  return found === null ? null : { message: found.message, isLasting: found.isLasting, next: found.next };
}

/** How long a shortage is waited out: a quarter of the time-out, at most 5 minutes. */
export const patienceMs = (timeoutMs: number): number => Math.min(timeoutMs / 4, MAX_PATIENCE_MS);
