import type { JobItem } from "../../../agent/contract/registry.js";

/** The latest submitted first, at most `limit`; of `status` only, unless that is null. */
export function latestJobs(
  jobs: readonly JobItem[],
  { status, limit }: { readonly status: string | null; readonly limit: number },
): readonly JobItem[] {
  return jobs
    .filter((job) => status === null || job.status === status)
    .sort((a, b) => compare(b.submittedAt, a.submittedAt) || compare(a.id, b.id))
    .slice(0, limit);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
