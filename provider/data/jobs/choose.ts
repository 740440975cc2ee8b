import { byText } from "../../../agent/contract/text-order.js";
import type { ListedJob } from "../../client/ports.js";

/** The latest submitted first, at most `limit`; of `status` only, unless that is null. */
export function latestJobs(
  jobs: readonly ListedJob[],
  { status, limit }: { readonly status: string | null; readonly limit: number },
): readonly ListedJob[] {
  return jobs
    .filter((job) => status === null || job.status === status)
    .sort((a, b) => byText(b.submittedAt, a.submittedAt) || byText(a.id, b.id))
    .slice(0, limit);
}
