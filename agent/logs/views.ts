import type { AttemptItem } from "../contract/job-attempt.js";
import { isJobEnded } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import type { LogBucket, LogSlice, Outputs } from "./ports.js";

/** What reading logs needs. */
export interface LogViewDeps {
  readonly outputs: Pick<Outputs, "read">;
  readonly bucket: Pick<LogBucket, "read">;
  /** The job, or null. Throws when the registry does not answer. */
  readJob(jobId: string): Promise<JobItem | null>;
  /** The record of an attempt, or null. Throws as readJob. */
  readAttempt(of: AttemptId): Promise<AttemptItem | null>;
  readonly clock: Clock;
}

type AttemptRecord = Pick<AttemptItem, "status" | "reasonCode" | "reason" | "exitCode" | "log" | "logState">;

/**
 * The logs of this cluster's jobs, as any node reads them: from the agents' own folder while the output is there, which every node has
 * mounted, and from the bucket after that.
 */
export interface LogViews {
  /** The attempt with that number; null: the job's current or last one. Throws job-not-found, attempt-not-found. */
  find(jobId: string, attempt: number | null): Promise<AttemptId>;
  /** The attempt's record; null: it has none yet. At most a second old, however many ask, unless it has ended. */
  look(of: AttemptId): Promise<AttemptRecord | null>;
  /** At most `maxBytes` bytes from `offset` on. Null: nothing is known of an output now. */
  read(of: AttemptId, offset: number, maxBytes: number): Promise<LogSlice | null>;
}

const LOOK_MS = 1_000;
const MAX_LOOKS = 1_000;

interface Look {
  readonly atMs: number;
  readonly record: Promise<AttemptRecord | null>;
}

/** Makes no call. */
export function createLogViews({ outputs, bucket, readJob, readAttempt, clock }: LogViewDeps): LogViews {
  const looks = new Map<string, Look>();

  function look(of: AttemptId, oldestMs = LOOK_MS): Promise<AttemptRecord | null> {
    const key = `${of.jobId}/${of.attempt}`;
    const nowMs = clock.monotonicMs();
    const last = looks.get(key);
    if (last !== undefined && nowMs - last.atMs < oldestMs) return last.record;
    if (looks.size >= MAX_LOOKS) looks.clear();
    const record = readAttempt(of);
    looks.set(key, { atMs: nowMs, record });
    record.catch(() => looks.delete(key));
    return record;
  }

  return {
    async find(jobId, attempt) {
      const job = await readJob(jobId);
      if (job === null) throw new AgentError("job-not-found", jobId);
      const number = attempt ?? job.attempt;
      if (number === null || number > (job.attempt ?? 0))
        throw new AgentError("attempt-not-found", `${jobId} has ${job.attempt ?? 0}`);
      return { jobId, attempt: number };
    },
    look: (of) => look(of),
    async read(of, offset, maxBytes) {
      const local = await outputs.read(of, offset, maxBytes);
      if (local !== null) return local;
      // The log may have gone to the bucket since the last look.
      const record = (await look(of))?.log ? await look(of) : await look(of, 0);
      return record?.log ? bucket.read(of, offset, maxBytes) : null;
    },
  };
}

/**
 * Whether a slice, read after the attempt's record, reaches to the end of all that there will be. An output that is not here, and is
 * said to wait for its delivery, is on its way from the folder to the bucket. Pure.
 */
export function isEnd(
  record: Pick<AttemptItem, "status" | "logState"> | null,
  slice: LogSlice | null,
  nextOffset: number,
): boolean {
  if (record === null || !isJobEnded(record.status)) return false;
  return slice === null ? record.logState !== "pending" : nextOffset >= slice.total;
}
