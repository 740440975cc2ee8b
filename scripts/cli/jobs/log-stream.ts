import { prefixOfManifest } from "../../../agent/contract/log-parts.js";
import type { JobLog } from "../../../agent/contract/registry.js";
import { CommandError, TransientError } from "../core/exit.js";
import type { Output } from "../core/output.js";
import type { Access, JobState } from "../core/ports.js";
import type { World } from "../core/world.js";
import { renderLogLines } from "../render/job.js";
import type { JobReference } from "./follow.js";
import { createLogCopy, type LogCopy } from "./log-copy.js";
import { tailStart } from "./log-tail.js";

export interface LogStreamDeps {
  readonly access: Pick<Access, "logs" | "jobs">;
  readonly world: Pick<World, "stdout">;
  readonly out: Pick<Output, "say">;
  /** Its reason is thrown when it aborts. */
  readonly signal: AbortSignal;
}

/** What is known of an attempt's output. */
interface AttemptLog {
  readonly number: number;
  /** Null: it was not launched. */
  readonly prefix: string | null;
  /** Null: it is not delivered (yet). */
  readonly log: JobLog | null;
}

/** The output of a job that is looked at again and again, on its way to stdout. */
export interface LogStream {
  /** Writes what has come since the last look. */
  follow(job: JobState): Promise<void>;
  /**
   * Says where the log is, and writes the rest of it. A log that is delivered is proved: throws if it breaks off, or is not what was
   * delivered. Of another, what is there is written.
   */
  finish(job: JobState): Promise<void>;
  /** The reader of stdout has left. */
  hasReaderLeft(): boolean;
}

/** What the job says of its current or last attempt's output. */
const lastAttempt = ({ attempt, logPrefix, log }: JobState): AttemptLog | null =>
  attempt === null ? null : { number: attempt, prefix: logPrefix ?? prefixOf(log), log };
const prefixOf = (log: JobLog | null): string | null => (log === null ? null : prefixOfManifest(log.uri));

/** Makes the stream; it writes nothing by itself. `tailLines`: it begins with so many lines of what is there then. */
export function createLogStream(
  { clusterUuid, jobId }: JobReference,
  { access, world, out, signal }: LogStreamDeps,
  tailLines: number | null = null,
): LogStream {
  let current: { readonly number: number; readonly copy: LogCopy } | null = null;

  async function copyOf({ number, prefix }: AttemptLog): Promise<LogCopy | null> {
    if (current?.number === number) return current.copy;
    if (prefix === null) return null;
    if (number > 1) out.say(`output of attempt ${number}:`);
    const place = { logs: access.logs, prefix };
    const isTail = current === null && tailLines !== null;
    const start = isTail ? await tailStart(place, tailLines) : { partOffset: 0, skip: 0 };
    const copy = createLogCopy({ ...place, stdout: world.stdout, signal }, start);
    current = { number, copy };
    return copy;
  }

  /** The rest of an attempt that another has followed. */
  async function leave(number: number): Promise<void> {
    const attempts = await access.jobs.attempts(clusterUuid, jobId);
    const record = attempts.find((attempt) => attempt.number === number);
    if (record === undefined) return;
    await write({ number, prefix: record.logPrefix ?? prefixOf(record.log), log: record.log });
    if (record.log === null) out.say(`the rest of attempt ${number}'s output is not in the bucket yet`);
  }

  /** All of a delivered log, of another what is there. */
  async function write(attempt: AttemptLog): Promise<void> {
    if (current !== null && current.number < attempt.number) await leave(current.number);
    const copy = await copyOf(attempt);
    if (copy === null || copy.hasReaderLeft()) return;
    if (attempt.log === null) await copy.advance();
    else await copy.complete(attempt.log);
  }

  return {
    async follow(job) {
      const attempt = lastAttempt(job);
      if (attempt === null) return;
      await write({ ...attempt, log: null }).catch((error: Error) => {
        signal.throwIfAborted();
        // What breaks off is gone on with at the next look.
        throw error instanceof CommandError ? error : new TransientError(error.message, { cause: error });
      });
    },
    async finish(job) {
      for (const line of renderLogLines(job)) out.say(line);
      const attempt = lastAttempt(job);
      if (attempt !== null) await write(attempt);
    },
    hasReaderLeft: () => current?.copy.hasReaderLeft() ?? false,
  };
}
