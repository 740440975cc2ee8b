import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";

/** The output of one set-up on this node, in a file. */
export interface SetupLog {
  readonly jobId: string;
  readonly attempt: number;
  readonly path: string;
}

/** What set-ups have left on this node's disk, oldest or newest first. All calls may run twice. */
export interface SetupLogFiles {
  /** Makes those that an agent of before had under way ones to deliver. Call it before a set-up runs. */
  takeUp(): Promise<void>;
  list(): Promise<readonly SetupLog[]>;
  remove(path: string): Promise<void>;
}

/** Puts one to where its job's logs are: bounded, cut short by `signal`, may run twice. Throws where it could not. */
export type PutSetupLog = (log: SetupLog, signal: AbortSignal) => Promise<void>;

export interface SetupLogsDeps {
  readonly files: SetupLogFiles;
  readonly put: PutSetupLog;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Brings the output of this node's set-ups to the log bucket, with any number of tries, beside everything else. */
export interface SetupLogs {
  /** Begins. Call once. */
  start(): void;
  /** Cuts the upload under way short; the next agent makes it again. */
  stop(): Promise<void>;
  /** Call it when a set-up has ended. Cheap. */
  wake(): void;
}

const IDLE_MS = 60_000;
const RETRY_MS = 15_000;
/** More wait only where the bucket takes none for long: the disk must not fill. */
const MOST_WAITING = 20;

/** Makes the deliveries; they do nothing before `start`. */
export function createSetupLogs({ files, put, clock, log }: SetupLogsDeps): SetupLogs {
  const ending = new AbortController();

  async function deliver(waiting: SetupLog): Promise<unknown> {
    const { jobId, attempt, path } = waiting;
    try {
      await put(waiting, ending.signal);
      await files.remove(path);
      log.info({ jobId, attempt }, "the set-up's log is delivered");
      return null;
    } catch (error) {
      return error;
    }
  }

  async function step(): Promise<number> {
    const waiting = await files.list();
    const errors = [];
    for (const each of waiting) {
      const error = await deliver(each);
      if (error !== null) errors.push({ each, error });
    }
    for (const { each } of errors.slice(MOST_WAITING)) await files.remove(each.path);
    if (errors[0] !== undefined) throw errors[0].error;
    return IDLE_MS;
  }

  const loop = createLoop({
    step,
    retryMs: RETRY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "a set-up's log is not delivered; trying again"),
    clock,
  });
  return {
    start: () => void files.takeUp().then(loop.start, loop.start),
    stop() {
      ending.abort();
      return loop.stop();
    },
    wake: loop.wake,
  };
}
