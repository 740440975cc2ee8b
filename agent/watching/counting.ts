import { isJobEnded } from "../contract/job-state.js";
import type { JobRegistry } from "../jobs/ports.js";
import type { Counts } from "./metrics.js";

/** The same registry; the jobs that are ended through it are counted. */
export const countingEnds = (registry: JobRegistry, { jobsEnded }: Counts): JobRegistry => ({
  ...registry,
  async update(jobId, generation, change) {
    const isWritten = await registry.update(jobId, generation, change);
    const { status } = change;
    if (isWritten && status !== undefined && isJobEnded(status))
      jobsEnded.set(status, (jobsEnded.get(status) ?? 0) + 1);
    return isWritten;
  },
});
