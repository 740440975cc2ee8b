import type { AttemptItem } from "../contract/job-attempt.js";
import { isJobEnded } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import { createGrowth, type Growth } from "./growth.js";
import type { LogBucket, LogSlice, Outputs } from "./ports.js";

/** What reading logs needs. */
export interface LogViewDeps {
  readonly outputs: Pick<Outputs, "read" | "measure">;
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
  /**
   * The attempt's record; null: it has none yet. All that ask share a look, which serves for a second, and longer, up to 3 s, while
   * nothing changes.
   */
  look(of: AttemptId): Promise<AttemptRecord | null>;
  /**
   * At most `maxBytes` bytes from `offset` on. Null: nothing is known of an output now; with `mayLag`, for those who ask again soon, or
   * it was not known at the last look.
   */
  read(of: AttemptId, offset: number, maxBytes: number, mayLag?: boolean): Promise<LogSlice | null>;
  /** For one who follows: when the output in the folder changes. */
  growth(of: AttemptId): Growth;
}

const LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 3_000;
const MAX_LOOKS = 1_000;

interface Look {
  readonly atMs: number;
  readonly record: Promise<AttemptRecord | null>;
  /** How long it serves. */
  forMs: number;
  /** Whether the output was in the folder since. */
  hasOutput: boolean;
}

/** Makes no call. */
export function createLogViews({ outputs, bucket, readJob, readAttempt, clock }: LogViewDeps): LogViews {
  const looks = new Map<string, Look>();
  const growths = createGrowth({ outputs, clock });

  const keyOf = ({ jobId, attempt }: AttemptId) => `${jobId}/${attempt}`;

  function lookNow(of: AttemptId): Promise<AttemptRecord | null> {
    const key = keyOf(of);
    const last = looks.get(key);
    if (looks.size >= MAX_LOOKS) looks.clear();
    const record = readAttempt(of);
    const now: Look = { atMs: clock.monotonicMs(), record, forMs: LOOK_MS, hasOutput: false };
    looks.set(key, now);
    record.then(
      async (found) => {
        if (last === undefined || !isSame(found, await last.record.catch(() => undefined))) return;
        now.forMs = Math.min(LONGEST_LOOK_MS, 2 * last.forMs);
      },
      () => looks.delete(key),
    );
    return record;
  }

  function look(of: AttemptId): Promise<AttemptRecord | null> {
    const last = looks.get(keyOf(of));
    const isRecent = last !== undefined && clock.monotonicMs() - last.atMs < last.forMs;
    return isRecent ? last.record : lookNow(of);
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
    look,
    async read(of, offset, maxBytes, mayLag = false) {
      const local = await outputs.read(of, offset, maxBytes);
      const last = looks.get(keyOf(of));
      if (local !== null) {
        if (last !== undefined) last.hasOutput = true;
        return local;
      }
      let record = await look(of);
      // The log may have gone to the bucket since the last look.
      if (!record?.log && (!mayLag || last?.hasOutput)) record = await lookNow(of);
      return record?.log ? bucket.read(of, offset, maxBytes) : null;
    },
    growth: growths.of,
  };
}

/** Whether two looks have seen the same, as far as readers of a log care. */
const isSame = (one: AttemptRecord | null, other: AttemptRecord | null | undefined): boolean =>
  other !== undefined &&
  one?.status === other?.status &&
  one?.logState === other?.logState &&
  (one?.log ?? null)?.uri === (other?.log ?? null)?.uri;

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
