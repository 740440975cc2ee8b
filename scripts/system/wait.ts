import { setTimeout as sleep } from "node:timers/promises";
import { type WaitClock, waitUntil } from "../../agent/contract/wait.js";

/** What is waited for, and how. */
export interface WaitOptions<T> {
  /** As the end of "Timed out after 1m waiting for ...". */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Between two checks; default 500 ms. */
  readonly everyMs?: number;
  /** One check. */
  readonly look: () => Promise<T> | T;
  readonly isDone: (seen: T) => boolean;
  /** What a look saw, in words: for progress (said at each change) and for the time-out. */
  readonly describe: (seen: T) => string;
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const DEFAULT_EVERY_MS = 500;

/** The machine's own clock. */
export const clock: WaitClock = {
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** Checks until done. Throws WaitTimeoutError, or the signal's reason; an error of `look` ends the wait. */
export async function waitFor<T>({
  what,
  look,
  isDone,
  describe,
  say,
  ...options
}: WaitOptions<T>): Promise<T> {
  const { timeoutSeconds, everyMs = DEFAULT_EVERY_MS, signal } = options;
  let said = "";
  return waitUntil(
    what,
    async () => {
      const seen = await look();
      return isDone(seen) ? { done: true, value: seen } : { done: false, progress: describe(seen) };
    },
    {
      timeoutMs: timeoutSeconds * 1000,
      everyMs,
      clock,
      ...(signal === undefined ? {} : { signal }),
      onWaiting: (progress) => {
        if (progress !== said) say?.(`   ${progress}`);
        said = progress;
      },
    },
  );
}
