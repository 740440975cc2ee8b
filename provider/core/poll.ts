import { renderDuration } from "../../agent/contract/duration.js";
import { type Look, waitUntil } from "../../agent/contract/wait.js";
import { DiagnosticError, InterruptedError } from "./diagnostic.js";
import type { Runtime } from "./runtime.js";

export interface PollTimes {
  readonly everyMs: number;
  readonly timeoutMs: number;
}

const LOG_EVERY_MS = 10_000;

/**
 * Looks every `everyMs` until done. Throws WaitTimeoutError when the time is up, InterruptedError at once when the signal
 * aborts, and whatever `look` throws unless it is transient. Logs each change of progress, and the same one every 10 s.
 */
export async function poll<T>(
  what: string,
  look: () => Promise<Look<T>>,
  times: PollTimes,
  { signal, log, clock }: Runtime,
): Promise<T> {
  let logged = { progress: "", atMs: Number.NEGATIVE_INFINITY };
  const onWaiting = (progress: string, elapsedMs: number): void => {
    if (progress === logged.progress && elapsedMs - logged.atMs < LOG_EVERY_MS) return;
    log.info(`waiting: ${what}: ${progress}`, { elapsed: renderDuration(elapsedMs) });
    logged = { progress, atMs: elapsedMs };
  };
  try {
    return await waitUntil(what, () => lookAgain(look, signal), { ...times, clock, signal, onWaiting });
  } catch (error) {
    throw signal.aborted ? new InterruptedError(`Stopped while waiting: ${what}.`) : error;
  }
}

/** A failure that may pass is a look that saw nothing. */
async function lookAgain<T>(look: () => Promise<Look<T>>, signal: AbortSignal): Promise<Look<T>> {
  try {
    return await look();
  } catch (error) {
    const mayPass = error instanceof DiagnosticError && error.transient && !signal.aborted;
    if (!mayPass) throw error;
    return { done: false, progress: `the last look failed (${error.message})` };
  }
}
