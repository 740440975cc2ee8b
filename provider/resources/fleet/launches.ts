import { because, REASONS } from "../../../agent/contract/reasons.js";
import type { ScalingActivity } from "../../client/ports.js";
import { InterruptedError } from "../../core/diagnostic.js";
import type { FleetContext } from "./context.js";
import { HopelessError } from "./hopeless.js";
import { findLaunchFailure, patienceMs } from "./launch-failure.js";

const LOOK_EVERY_MS = 5000;
/** The API's own limit of one page; a resize that fails is not longer than this. */
const ACTIVITIES = 100;

/**
 * Watches the group's activities from now on: make it before the resize, look() as often as you like. Activities are told
 * apart by their ids, so that no clocks need to agree. Throws HopelessError from look().
 */
export async function watchLaunches(
  groupName: string,
  timeoutMs: number,
  context: FleetContext,
): Promise<{ look(): Promise<void> }> {
  const { clock } = context;
  const before = await observeActivities(groupName, context);
  const known = new Set(before?.map(({ id }) => id));
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let shortSinceMs: number | null = null;
  return {
    async look() {
      const nowMs = clock.monotonicMs();
      // Without the list from before the resize nobody could tell old failures from new ones.
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

/** Null where they can't be had: whoever may not list them has the time-out still. */
async function observeActivities(
  groupName: string,
  { client, log }: FleetContext,
): Promise<readonly ScalingActivity[] | null> {
  try {
    return await client.groups.activities(groupName, ACTIVITIES);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    log.warn("could not list the group's activities", { error: String(error) });
    return null;
  }
}
