import { type AttemptItem, attemptOf, factsOf } from "../contract/job-attempt.js";
import type { JobPhase } from "../contract/job-state.js";
import { MAX_USAGE_NODES, type NodeUsage } from "../contract/job-usage.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { JobRegistry } from "./ports.js";

type Records = Pick<JobRegistry, "recordAttempt">;

/** The phases of a job that its attempt's record says too. */
const RECORDED: readonly JobPhase[] = ["launching", "running", "delivering"];

/**
 * Writes the record of the job's attempt anew, where it is launched: what a head could not write any more before it was lost is
 * there then. Gives the record of an attempt that has ended although the job does not know, else null. May run twice. Throws when
 * the registry does not answer.
 */
export async function restoreRecord(item: JobItem, registry: Records): Promise<AttemptItem | null> {
  const record = RECORDED.includes(item.phase) ? attemptOf(item) : null;
  return record === null ? null : registry.recordAttempt(record);
}

/**
 * Writes `change` of the job, which does not end its attempt, and then the record of the attempt: the job says which attempt there
 * is. Where a head is lost between the two, the next one finds in the first what the second is to say. False: the job is not ours
 * any more. May run twice. Throws when the registry does not answer.
 */
export async function writeProgress(
  item: JobItem,
  change: JobChange,
  registry: Records & Pick<JobRegistry, "update">,
): Promise<boolean> {
  if (!(await registry.update(item.id, item.leaseGeneration, change))) return false;
  return (await restoreRecord({ ...item, ...change }, registry)) === null;
}

/**
 * Writes the end of the job's attempt into its record, and gives the end that counts, for the job: one that has been recorded before
 * stays. It comes before the job's own write, so that the attempt of a job that has ended, or waits for the next one, has
 * always ended. `usageByNode` stands in the record of an end alone. May run twice. Throws when the registry does not answer.
 */
export async function recordEnd(
  item: JobItem,
  end: JobChange,
  registry: Records,
  usageByNode: readonly NodeUsage[] = [],
): Promise<JobChange> {
  const record = attemptOf({ ...item, ...end });
  if (record === null) return end;
  const listed = usageByNode.slice(0, MAX_USAGE_NODES);
  const before = await registry.recordAttempt(
    listed.length === 0 ? record : { ...record, usageByNode: listed },
  );
  return before === null ? end : { ...end, ...factsOf(before), log: before.log };
}
