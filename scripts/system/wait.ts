import { setTimeout as sleep } from "node:timers/promises";

/** A wait that ran out: says what for, how long, and what was last seen. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
}

export interface WaitOptions<T> {
  /** What is waited for, as the end of "waited 60 s for ...". */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Between two looks; default 500 ms. */
  readonly everyMs?: number;
  /** One look. */
  readonly look: () => Promise<T>;
  readonly isDone: (seen: T) => boolean;
  /** What a look saw, in words: for progress (told at each change) and for the time-out. */
  readonly describe: (seen: T) => string;
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Looks until it is done. Throws WaitTimeoutError, or the signal's reason; an error of `look` ends the wait. */
export async function waitFor<T>(options: WaitOptions<T>): Promise<T> {
  const deadlineMs = Date.now() + options.timeoutSeconds * 1000;
  let told = "";
  for (;;) {
    options.signal?.throwIfAborted();
    const seen = await options.look();
    if (options.isDone(seen)) return seen;
    const state = options.describe(seen);
    if (state !== told) options.say?.(`   ${state}`);
    told = state;
    if (Date.now() >= deadlineMs) {
      throw new WaitTimeoutError(
        `waited ${options.timeoutSeconds} s for ${options.what}; last seen: ${state}`,
      );
    }
    await sleep(options.everyMs ?? 500);
  }
}
