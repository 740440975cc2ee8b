import { isJobEnded, type JobPhase } from "../contract/job-state.js";
import type { NodeUsage } from "../contract/job-usage.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import type { Clock } from "../time/clock.js";
import { recordEnd } from "./attempt-record.js";
import { createJobWriter, type JobWriterDeps } from "./job-writer.js";
import type { JobRegistry } from "./ports.js";

/** What a head knows of the job that it drives, and what the registry has of that. */
export interface Progress {
  /** With the changes that are not written yet. */
  item(): JobItem;
  /** As the registry has it, or will have it soon. */
  written(): JobItem;
  /** Changes for the next write. */
  note(change: JobChange): void;
  /** Notes that a phase begins now. */
  enter(phase: JobPhase): void;
  /**
   * Writes what is noted, and `change`; nothing where there is neither. What need not be waited for is written behind: see JobWriter.
   * False: the job is not ours any more.
   */
  write(change?: JobChange): Promise<boolean>;
  /** Writes the end of the attempt into its record, with what it used on each node; gives the end that counts. */
  recordEnd(end: JobChange, usageByNode: readonly NodeUsage[]): Promise<JobChange>;
  /** Reads the item: whether it is still ours, and whether a cancel has come. */
  read(): Promise<boolean>;
  /** Whether the last read is so long ago that a cancel may wait. */
  isReadDue(): boolean;
  /** The next read is due at once, for the item may say more than when it was last read. */
  readSoon(): void;
}

const READ_MS = 2_000;

/** The progress of a job that has just been claimed. All its writes are under the claim's generation. */
export function createProgress(
  claimed: JobItem,
  deps: Omit<JobWriterDeps, "registry"> & {
    readonly registry: JobRegistry;
    readonly clock: Pick<Clock, "now" | "monotonicMs" | "sleep">;
  },
): Progress {
  const { registry, clock } = deps;
  const { id: jobId, leaseGeneration: generation } = claimed;
  const writer = createJobWriter(claimed, deps);
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
      if (noted === null && more === undefined) return writer.goOn();
      const change = { ...noted, ...more };
      if (!(await writer.write(change))) return false;
      written = { ...written, ...change };
      noted = null;
      return true;
    },
    async recordEnd(end, usageByNode) {
      await writer.settle();
      return recordEnd(item(), end, registry, usageByNode);
    },
    async read() {
      const read = await registry.read(jobId);
      readAtMs = clock.monotonicMs();
      if (read === null || isJobEnded(read.status) || read.leaseGeneration !== generation) return false;
      written = { ...written, ...cancelOf(read) };
      return true;
    },
    isReadDue: () => clock.monotonicMs() - readAtMs >= READ_MS,
    readSoon() {
      readAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

const cancelOf = ({ cancelRequested, cancelBecause: why }: JobItem) => ({
  cancelRequested,
  ...(why === undefined ? {} : { cancelBecause: why }),
});
