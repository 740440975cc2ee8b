import type { AttemptId } from "../jobs/ports.js";
import type { PendingLogs } from "./metrics.js";

/** Where attempts' output is until all of it is in the bucket. */
interface Kept {
  ids(): Promise<readonly AttemptId[]>;
  readonly outputs: {
    /** Its bytes; null: there is none. */
    measure(of: AttemptId): Promise<number | null>;
  };
}

/** Measures what is not wholly in the bucket. What goes while it looks counts no bytes. */
export async function pendingLogs({ ids, outputs }: Kept): Promise<PendingLogs> {
  const attempts = await ids();
  let bytes = 0;
  for (const of of attempts) bytes += (await outputs.measure(of)) ?? 0;
  return { attempts: attempts.length, bytes };
}
