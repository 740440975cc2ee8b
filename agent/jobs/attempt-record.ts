import { type AttemptItem, attemptOf, factsOf } from "../contract/job-attempt.js";
import { isJobEnded } from "../contract/job-state.js";
import { MAX_USAGE_NODES, type NodeUsage } from "../contract/job-usage.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { JobRegistry } from "./ports.js";

type Records = Pick<JobRegistry, "recordAttempt">;

/**
 * Writes the record of the job's attempt anew, where it has one: what a head could not write any more before it was lost is
 * there then. Gives the record of an attempt that has ended although the job has not, else null. May run twice. Throws when
 * the registry does not answer.
 */
export async function restoreRecord(
  item: JobItem,
  registry: Records,
  usageByNode: readonly NodeUsage[] = [],
): Promise<AttemptItem | null> {
  const record = attemptOf(item);
  if (record === null) return null;
  const listed = usageByNode.slice(0, MAX_USAGE_NODES);
  return registry.recordAttempt(listed.length === 0 ? record : { ...record, usageByNode: listed });
}

/**
 * Writes `change` of the job, and the record of its attempt. Before the end the job comes first, for it says which attempt
 * there is; at the end the record does, so that an ended job's attempt has always ended. Where a head is lost between the two, the next
 * one finds in the first what the second is to say. False: the job is not ours any more. May run twice: an end that has been
 * recorded stays, and is the job's. Throws when the registry does not answer. `usageByNode` stands in the record of an end alone.
 */
export async function writeJob(
  item: JobItem,
  change: JobChange,
  registry: Records & Pick<JobRegistry, "update">,
  usageByNode: readonly NodeUsage[] = [],
): Promise<boolean> {
  const { id: jobId, leaseGeneration: generation } = item;
  const next = { ...item, ...change };
  if (isJobEnded(next.status)) {
    const before = await restoreRecord(next, registry, usageByNode);
    const end = before === null ? change : { ...change, ...factsOf(before) };
    return registry.update(jobId, generation, end);
  }
  if (!(await registry.update(jobId, generation, change))) return false;
  return (await restoreRecord(next, registry)) === null;
}
