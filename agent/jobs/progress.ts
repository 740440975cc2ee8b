import { isJobEnded, type JobPhase } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Clock } from "../time/clock.js";
import { recordEnd, writeProgress } from "./attempt-record.js";
import type { JobRegistry } from "./ports.js";

/** What a head knows of the job that it drives, and what the registry has of that. */
export interface Progress {
  /** With the changes that are not written yet. */
  item(): JobItem;
  /** As the registry has it. */
  written(): JobItem;
  /** Changes for the next write. */
  note(change: JobChange): void;
  /** Notes that a phase begins now. */
  enter(phase: JobPhase): void;
  /** Writes what is noted, and `change`; nothing where there is neither. False: the job is not ours any more. */
  write(change?: JobChange): Promise<boolean>;
  /** Writes the end of the attempt into its record; gives the end that counts. */
  recordEnd(end: JobChange): Promise<JobChange>;
  /** Reads the item: whether it is still ours, and whether a cancel has come. */
  read(): Promise<boolean>;
  /** Whether the last read is so long ago that a cancel may wait. */
  isReadDue(): boolean;
}

const READ_MS = 2_000;

/** The progress of a job that has just been claimed. All its writes are under the claim's generation. */
export function createProgress(
  claimed: JobItem,
  { registry, clock }: { readonly registry: JobRegistry; readonly clock: Pick<Clock, "now" | "monotonicMs"> },
): Progress {
  const { id: jobId, leaseGeneration: generation } = claimed;
  let written = claimed;
  let noted: JobChange | null = null;
  let readAtMs = clock.monotonicMs();
  const item = () => ({ ...written, ...noted });
  const note = (change: JobChange) => {
    noted = { ...noted, ...change };
  };

  return {
    item,
    written: () => written,
    note,
    enter: (phase) =>
      note({ phase, phaseTimes: { ...item().phaseTimes, [phase]: clock.now().toISOString() } }),
    async write(more) {
      if (noted === null && more === undefined) return true;
      const change = { ...noted, ...more };
      if (!(await writeProgress(written, change, registry))) return false;
      written = { ...written, ...change };
      noted = null;
      return true;
    },
    recordEnd: (end) => recordEnd(item(), end, registry),
    async read() {
      const read = await registry.read(jobId);
      readAtMs = clock.monotonicMs();
      if (read === null || isJobEnded(read.status) || read.leaseGeneration !== generation) return false;
      written = { ...written, ...cancelOf(read) };
      return true;
    },
    isReadDue: () => clock.monotonicMs() - readAtMs >= READ_MS,
  };
}

const cancelOf = ({ cancelRequested, cancelBecause: why }: JobItem) => ({
  cancelRequested,
  ...(why === undefined ? {} : { cancelBecause: why }),
});
