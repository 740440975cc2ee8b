import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { Clock } from "./clock.js";

/**
 * Does `work` until it succeeds, for `timeoutMs` at most, `pauseMs` apart; then rejects with its last error. What fails first is
 * logged once as "waiting for <what>". `work` must be bounded itself and may run many times.
 */
export async function retry<T>(
  what: string,
  work: () => Promise<T>,
  limits: { readonly timeoutMs: number; readonly pauseMs: number },
  clock: Pick<Clock, "monotonicMs" | "sleep">,
  log: Logger,
): Promise<T> {
  const deadlineMs = clock.monotonicMs() + limits.timeoutMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await work();
    } catch (error) {
      if (clock.monotonicMs() + limits.pauseMs >= deadlineMs) throw error;
      if (isFirst) log.warn({ reason: reasonOf(error), ...limits }, `waiting for ${what}`);
    }
    await clock.sleep(limits.pauseMs);
  }
}
