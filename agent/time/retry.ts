import type { Logger } from "pino";
import { type Look, WaitTimeoutError, waitUntil } from "../contract/wait.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "./clock.js";

/**
 * Does `work` until it succeeds, for `timeoutMs` at most, `pauseMs` apart. When the time is up, that is logged and the last
 * error thrown: its code and hint are what helps. What fails first is logged once as "waiting for <what>". `work` must be
 * bounded itself and may run many times.
 */
export async function retry<T>(
  what: string,
  work: () => Promise<T>,
  { timeoutMs, pauseMs }: { readonly timeoutMs: number; readonly pauseMs: number },
  clock: Clock,
  log: Logger,
): Promise<T> {
  let failure: { readonly error: unknown } | null = null;
  const look = async (): Promise<Look<T>> => {
    try {
      return { done: true, value: await work() };
    } catch (error) {
      const reason = reasonOf(error);
      if (failure === null) log.warn({ reason, timeoutMs, pauseMs }, `waiting for ${what}`);
      failure = { error };
      return { done: false, progress: reason };
    }
  };
  return waitUntil(what, look, { everyMs: pauseMs, timeoutMs, clock }).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError) || failure === null) throw error;
    log.error({}, error.message);
    throw failure.error;
  });
}
