import { because, REASONS } from "../../../agent/contract/reasons.js";
import type { ScalingActivity } from "../../client/ports.js";
import { InterruptedError } from "../../core/diagnostic.js";
import type { GroupContext } from "./context.js";
import { HopelessError } from "./hopeless.js";
import { findLaunchFailure, patienceMs } from "./launch-failure.js";

const LOOK_EVERY_MS = 5000;
/** The API's limit of one page; a failing resize has fewer activities. */
const ACTIVITIES = 100;

/**
 * Watches the group's activities from now on: create it before the resize, then call look() at any interval. It recognises new
 * activities by their ids, so that no clocks need to agree. look() throws HopelessError.
 */
export async function watchLaunches(
  groupName: string,
  timeoutMs: number,
  context: GroupContext,
): Promise<{ look(): Promise<void> }> {
  const { clock } = context;
  const before = await observeActivities(groupName, context);
  const known = new Set(before?.map(({ id }) => id));
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let shortSinceMs: number | null = null;
  return {
    async look() {
      const nowMs = clock.monotonicMs();
      // Without the list from before the resize, old failures would look like new ones.
      if (before === null || nowMs - lookedAtMs < LOOK_EVERY_MS) return;
      lookedAtMs = nowMs;
      const activities = (await observeActivities(groupName, context)) ?? [];
      const failure = findLaunchFailure(activities.filter(({ id }) => !known.has(id)));
      if (failure === null) {
        shortSinceMs = null;
        return;
      }
      shortSinceMs ??= nowMs;
      if (!failure.isLasting && nowMs - shortSinceMs < patienceMs(timeoutMs)) return;
      throw new HopelessError(
        because(failure.code, `the Auto Scaling group can't start instances: ${failure.message}`),
        REASONS[failure.code].next,
      );
    },
  };
}

/** Null if they can't be listed: without the permission, the time-out still applies. */
async function observeActivities(
  groupName: string,
  { client, log }: GroupContext,
): Promise<readonly ScalingActivity[] | null> {
  try {
    return await client.groups.activities(groupName, ACTIVITIES);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    log.warn("could not list the group's activities", { error: String(error) });
    return null;
  }
}
