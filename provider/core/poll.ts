import { DiagnosticError, InterruptedError } from "./diagnostic.js";
import { renderDuration } from "./duration.js";
import type { Runtime } from "./runtime.js";

/** One look at what is waited for. `progress` says how far it is, for the log. */
export type Look<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly progress: string };

export interface PollTimes {
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** The time was up. `progress` is the last look's. */
export class PollTimeoutError extends Error {
  override readonly name = "PollTimeoutError";
  readonly progress: string;

  constructor(what: string, timeoutMs: number, progress: string) {
    super(`Waited ${renderDuration(timeoutMs)} in vain for ${what}. Last seen: ${progress}.`);
    this.progress = progress;
  }
}

const LOG_EVERY_MS = 10_000;

/**
 * Looks every `everyMs` until done. Throws PollTimeoutError when the time is up, InterruptedError at once when the signal
 * aborts, and whatever `look` throws unless it is transient. Logs each change of progress, and the same one every 10 s.
 */
export async function poll<T>(
  what: string,
  look: () => Promise<Look<T>>,
  { everyMs, timeoutMs }: PollTimes,
  { signal, log, clock }: Runtime,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  let logged = { progress: "", atMs: Number.NEGATIVE_INFINITY };
  for (;;) {
    if (signal.aborted) throw new InterruptedError(`Stopped while waiting: ${what}.`);
    const seen = await lookOnce(look, signal, what);
    if (seen.done) return seen.value;
    const nowMs = clock.monotonicMs();
    if (seen.progress !== logged.progress || nowMs - logged.atMs >= LOG_EVERY_MS) {
      log.info(`waiting: ${what}: ${seen.progress}`, { elapsed: renderDuration(nowMs - startedMs) });
      logged = { progress: seen.progress, atMs: nowMs };
    }
    const leftMs = startedMs + timeoutMs - nowMs;
    if (leftMs <= 0) throw new PollTimeoutError(what, timeoutMs, seen.progress);
    // An abort ends the sleep; the loop's head then tells of it.
    await clock.sleep(Math.min(everyMs, leftMs), signal).catch(() => undefined);
  }
}

async function lookOnce<T>(
  look: () => Promise<Look<T>>,
  signal: AbortSignal,
  what: string,
): Promise<Look<T>> {
  try {
    return await look();
  } catch (error) {
    if (signal.aborted) throw new InterruptedError(`Stopped while waiting: ${what}.`);
    if (error instanceof DiagnosticError && error.transient) {
      return { done: false, progress: `the last look failed (${error.message})` };
    }
    throw error;
  }
}
