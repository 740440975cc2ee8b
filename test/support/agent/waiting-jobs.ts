import type { JobItem } from "../../../agent/contract/registry.js";
import { queuedJob } from "./jobs.js";

/** Two jobs that wait, and the first of them as it runs. */
export const job = queuedJob("k");
export const other = queuedJob("o");
export const running = { ...job, status: "INPROGRESS", leaseGeneration: 3 } as const;

/** Gives these jobs by their ids, and says which were read. */
export function registryOf(...jobs: readonly JobItem[]) {
  const reads: string[] = [];
  const read = async (id: string): Promise<JobItem | null> => {
    reads.push(id);
    return jobs.find((one) => one.id === id) ?? null;
  };
  return { reads, registry: { read } };
}
