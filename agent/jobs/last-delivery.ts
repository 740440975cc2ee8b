import type { Logger } from "pino";
import type { JobLog } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { beginStep, type LongStep } from "./long-step.js";
import type { AttemptId, LogDelivery } from "./ports.js";

/** How long a job's end waits for its log. */
const PATIENCE_MS = 5_000;
/** Of a cancelled job, which is to be over 5 s after the request. */
const CANCEL_PATIENCE_MS = 1_000;
const LOOK_MS = 500;

/** The delivery of an attempt's log between its end and the job's. */
export interface LastDelivery {
  /** Goes on for a moment. "waiting": look again; null: there is no output, or the time is over, and it is brought after the end. */
  look(): Promise<JobLog | null | "waiting">;
}

/**
 * Begins it. What is under way when the time is over goes on: the deliveries beside the jobs take it up. Nothing is thrown: a
 * failure is tried again while there is time.
 */
export function beginLastDelivery(
  log: AttemptId & { readonly exitCode: number | null },
  isCancelled: boolean,
  {
    delivery,
    clock,
    log: logger,
  }: { readonly delivery: LogDelivery; readonly clock: Clock; readonly log: Logger },
): LastDelivery {
  const untilMs = clock.monotonicMs() + (isCancelled ? CANCEL_PATIENCE_MS : PATIENCE_MS);
  const begin = () => beginStep((signal) => delivery.deliver(log, signal), clock);
  let step: LongStep<JobLog | null> = begin();
  return {
    async look() {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return null;
      try {
        const delivered = await step.within(Math.min(LOOK_MS, leftMs));
        return delivered === null && !step.hasSettled() ? "waiting" : delivered;
      } catch (error) {
        logger.warn({ ...log, reason: reasonOf(error) }, "the log is not delivered yet; trying again");
        await clock.sleep(Math.min(LOOK_MS, leftMs));
        step = begin();
        return "waiting";
      }
    },
  };
}
