import type { Clock } from "./clock.js";
import { renderDuration } from "./duration.js";

// Agent, provider and tools wait by this one loop, each through a front of its own that says what else counts there.
// Not by a library: p-wait-for, p-retry, p-timeout and cockatiel use the process's timers, and our waits run on the clock
// that they are given, so that a test of half an hour's wait takes no time. The provider's start would allow them: with the
// first three, or with cockatiel, its file grows by 6 or 7 kB of 1.1 MB, and its best handshake of 31 is 83 or 81 ms
// instead of 79 ms, within what one and the same file varies by (npm run bench).

/** Time, as a wait needs it. */
export type WaitClock = Pick<Clock, "monotonicMs" | "sleep">;

/** One look at what is waited for. `progress` says how far it is, for the log and the time-out. */
export type Look<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly progress: string };

/** The time was up: "Timed out after 30m waiting for 4 nodes; last seen: 3 of 4 nodes are ready." */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  /** The last look's; null where nothing was looked at. */
  readonly progress: string | null;

  constructor(what: string, timeoutMs: number, progress: string | null = null) {
    const seen = progress === null ? "" : `; last seen: ${progress}`;
    super(`Timed out after ${renderDuration(timeoutMs)} waiting for ${what}${seen}.`);
    this.progress = progress;
  }
}

export interface WaitOptions {
  /** Between two looks. */
  readonly everyMs: number;
  /** From the first look; there is always one, and one when the time is up. */
  readonly timeoutMs: number;
  readonly clock: WaitClock;
  readonly signal?: AbortSignal;
  /** Hears each look that was not the last. */
  readonly onWaiting?: (progress: string, elapsedMs: number) => void;
}

/**
 * Looks until it is done. Throws WaitTimeoutError when the time is up, the signal's reason as soon as it aborts, and whatever
 * `look` throws. `look` must be bounded itself: it is not cut short.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<Look<T>>,
  { everyMs, timeoutMs, clock, signal, onWaiting }: WaitOptions,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen.done) return seen.value;
    const elapsedMs = clock.monotonicMs() - startedMs;
    onWaiting?.(seen.progress, elapsedMs);
    if (elapsedMs >= timeoutMs) throw new WaitTimeoutError(what, timeoutMs, seen.progress);
    await clock.sleep(Math.min(everyMs, timeoutMs - elapsedMs), signal);
  }
}

/**
 * What `work` gives. Throws WaitTimeoutError when it takes longer; the work itself may go on (a file system that hangs can't
 * be interrupted).
 */
export async function withinTime<T>(
  what: string,
  work: Promise<T>,
  timeoutMs: number,
  clock: WaitClock,
): Promise<T> {
  const settled = new AbortController();
  const late = clock.sleep(timeoutMs, settled.signal).then(() => {
    throw new WaitTimeoutError(what, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
  }
}
