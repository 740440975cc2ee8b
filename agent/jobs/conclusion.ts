import { isJobEnded, nextJobStatus } from "../contract/job-state.js";
import { totalUsage } from "../contract/job-usage.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Ending } from "./attempt.js";
import { retryWait } from "./changes.js";
import { jobDeadlineMs } from "./limits.js";
import { networkOf } from "./mpi-network.js";
import type { Progress } from "./progress.js";
import { isTriedAgain, plannedRetry } from "./retry-policy.js";
import { type EndDeps, endChange, type StepDeps } from "./steps.js";
import type { Watcher } from "./watcher.js";

/** What has become of a job whose attempt has ended. "lost": it is not ours any more. */
export type Conclusion = "ended" | "retrying" | "lost";

/** What ends a job between two attempts: it keeps the facts of the last one, whose record is not touched. */
function endWhileWaiting({ event, reasonCode, reason }: Ending, progress: Progress, now: Date): JobChange {
  const status = nextJobStatus(progress.written().status, event);
  return { status, reasonCode, reason, endedAt: now.toISOString() };
}

/** Whether no other attempt follows one that ends so. Pure. */
export const isLast = ({ event, reasonCode }: Ending, { request, attempt, status }: JobItem): boolean =>
  !isTriedAgain(request, { attempt, status: nextJobStatus(status, event), reasonCode });

/**
 * Writes the end of an attempt: into its record first, and then into the job, which has ended with it or waits for the next attempt.
 * Both follow from the end that has been recorded, so that it may run again, by another head too, wherever the one before
 * was lost. Throws when the registry does not answer.
 */
export async function conclude(
  ending: Ending,
  used: Pick<Watcher, "usage" | "nodeCount"> | null,
  progress: Progress,
  deps: EndDeps & Pick<StepDeps, "settings">,
): Promise<Conclusion> {
  // It has been written, and what came after it is done again.
  if (isJobEnded(progress.written().status)) return "ended";
  const now = deps.clock.now();
  const isWaiting = progress.written().phase === "retrying";
  if (isWaiting) {
    const end = { ...endWhileWaiting(ending, progress, now), retryAt: null };
    return (await progress.write(end)) ? "ended" : "lost";
  }
  const item = progress.item();
  const byNode = used?.usage() ?? [];
  const total = totalUsage(byNode, used?.nodeCount ?? 0);
  const network = networkOf(item.request, deps.settings, used?.nodeCount ?? 0);
  const usage = total === null || network === null ? total : { ...total, network };
  const end = await progress.recordEnd({ ...(await endChange(item, ending, deps)), usage }, byNode);
  const retryAt = plannedRetry(item.request, { ...item, ...end });
  // There is no use in waiting for an attempt that has no time left.
  const isInTime = retryAt !== null && retryAt.getTime() < (jobDeadlineMs(item) ?? Number.POSITIVE_INFINITY);
  if (!isInTime) return (await progress.write(end)) ? "ended" : "lost";
  const wait = retryWait({ phaseTimes: item.phaseTimes, ...end }, retryAt, now);
  return (await progress.write(wait)) ? "retrying" : "lost";
}
