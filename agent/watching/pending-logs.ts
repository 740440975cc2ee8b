import type { JobRecords } from "../jobs/ports.js";
import type { Outputs } from "../logs/ports.js";
import type { PendingLogs } from "./metrics.js";

/** Measures what is not wholly in the bucket. What goes while it looks counts no bytes. */
export async function pendingLogs({
  ids,
  outputs,
}: Pick<JobRecords, "ids"> & { readonly outputs: Pick<Outputs, "measure"> }): Promise<PendingLogs> {
  const attempts = await ids();
  let bytes = 0;
  for (const of of attempts) bytes += (await outputs.measure(of)) ?? 0;
  return { attempts: attempts.length, bytes };
}
