import type { Logger } from "pino";
import { isJobEnded } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import type { JobChange } from "../contract/writes/job.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { restoreRecord, writeProgress } from "./attempt-record.js";
import type { JobRegistry } from "./ports.js";

/**
 * Writes what a head does with one job into the registry, in order. What safety needs is waited for; the rest is written
 * behind, the latest value of each attribute, a moment later: a phase that has passed by then is not written at all.
 *
 * | Write | Waited for | A head that is lost before it leaves |
 * |---|---|---|
 * | a new job, claimed and planned at once (runner.ts) | yes, before anything | no job, and a submitter without an answer |
 * | the claim (runner.ts), alone or with the planned launch | yes, before anything; an mpiexec that was begun beside it launches nothing | a job in the queue |
 * | phases source and preflight | no; the attempt's number before its end | a claimed job, of which nothing runs: the next head begins the attempt anew, unless its record says that it has ended |
 * | phase launching, with attempt and node, unless it was planned so | yes, before anything starts | the same |
 * | the attempt's record at the launch | no | a job that says all that the record would: the next head writes it |
 * | phase running, with the start's time | no | phase launching: the next head forestalls the start, or finds that it is too late, asks the node, and adopts what runs |
 * | phase delivering, with how the attempt has ended | yes, before the log's rest is delivered | a running job whose exit code is in its records |
 * | an attempt's end, into its record | yes, before the job's own end or wait | a job that delivers: the next head ends it the same way |
 * | phase retrying, and phase source of the next attempt | no | an attempt that has ended: the next head decides from its record |
 * | the job's end | yes, before the processes are forgotten | an attempt that has ended: the next head decides from its record |
 */
export interface JobWriter {
  /**
   * Takes a change in. It is written when this resolves, with all before it, if the table above says so; otherwise soon. False: the job is
   * not ours any more, as far as that is known. Throws if a write that is waited for failed; the change is then not taken in.
   */
  write(change: JobChange): Promise<boolean>;
  /** Tries again what could not be written behind. As `write`, but waits for nothing. */
  goOn(): boolean;
  /**
   * Waits until nothing is written behind: before an attempt's record gets its end, after which nothing of its course is to follow.
   * What waits to be written goes with the next write, but for the attempt's number: the next head looks for the record by it. Throws
   * if the registry does not answer.
   */
  settle(): Promise<void>;
}

/** What the writer needs. */
export interface JobWriterDeps {
  readonly registry: Pick<JobRegistry, "update" | "recordAttempt">;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Logger;
}

/** So long what is written behind waits for more of it. */
const GATHER_MS = 200;

export function createJobWriter(claimed: JobItem, { registry, clock, log }: JobWriterDeps): JobWriter {
  const { id: jobId, leaseGeneration: generation } = claimed;
  /** As it has been asked for, whether it is written or not. */
  let item = claimed;
  let unwritten = null as JobChange | null;
  let isRecordDue = false;
  let isLost = false;
  let behind: Promise<void> | null = null;
  let gathering = new AbortController();

  /** Ends what is written behind: what waits is left to the caller, what is under way comes to its end. */
  async function overtake(): Promise<void> {
    const left = { unwritten, isRecordDue };
    [unwritten, isRecordDue] = [null, false];
    gathering.abort();
    await behind;
    gathering = new AbortController();
    // What could not be written is older.
    unwritten = left.unwritten === null ? unwritten : { ...(unwritten ?? {}), ...left.unwritten };
    isRecordDue ||= left.isRecordDue;
  }

  /** Writes all that is left, until nothing is. A write that is waited for takes along what has not begun yet. */
  async function catchUp(): Promise<void> {
    await clock.sleep(GATHER_MS, gathering.signal);
    while (!isLost && (unwritten !== null || isRecordDue)) {
      const change = unwritten;
      unwritten = null;
      try {
        isRecordDue = false;
        const isOurs =
          change === null
            ? (await restoreRecord(item, registry)) === null
            : await writeProgress(item, change, registry);
        isLost = !isOurs;
      } catch (error) {
        // Later changes stand above it.
        unwritten = { ...(change ?? {}), ...(unwritten ?? {}) };
        isRecordDue = true;
        throw error;
      }
    }
  }

  function goOn(): boolean {
    if (unwritten === null && !isRecordDue) return !isLost;
    behind ??= catchUp()
      .catch((error: unknown) => log.warn({ jobId, reason: reasonOf(error) }, "to be written again"))
      .finally(() => {
        behind = null;
      });
    return !isLost;
  }

  /** The launch: only the job itself, which says all that its attempt's record does. */
  async function writeLaunch(change: JobChange): Promise<boolean> {
    await overtake();
    const whole = { ...unwritten, ...change };
    if (isLost || !(await registry.update(jobId, generation, whole))) return false;
    item = { ...item, ...whole };
    unwritten = null;
    isRecordDue = true;
    return goOn();
  }

  /** How the attempt has ended, before its log is delivered: the next head ends it the same way. */
  async function writeEnding(change: JobChange): Promise<boolean> {
    await overtake();
    const whole = { ...unwritten, ...change };
    if (isLost || !(await writeProgress(item, whole, registry))) return false;
    item = { ...item, ...whole };
    [unwritten, isRecordDue] = [null, false];
    return true;
  }

  /** The attempt's record has its end already. */
  async function writeEnd(change: JobChange): Promise<boolean> {
    await overtake();
    return !isLost && registry.update(jobId, generation, { ...unwritten, ...change });
  }

  return {
    goOn,
    async settle() {
      await overtake();
      isRecordDue = false;
      const begun = unwritten;
      if (isLost || begun?.attempt === undefined) return;
      isLost = !(await registry.update(jobId, generation, begun));
      unwritten = null;
    },
    async write(change) {
      if (change.status !== undefined && isJobEnded(change.status)) return writeEnd(change);
      if (change.phase === "launching") return writeLaunch(change);
      if (change.phase === "delivering") return writeEnding(change);
      item = { ...item, ...change };
      unwritten = { ...unwritten, ...change };
      return goOn();
    },
  };
}
