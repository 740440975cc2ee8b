import type { Logger } from "pino";
import { renderReason } from "../contract/problems.js";
import { because } from "../contract/reasons.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import type { JobRegistry, UnreadableJob } from "./ports.js";

/** Takes items that are not jobs out of the queue. */
export interface SetAside {
  /** Ends each as FAILED with its reason, where it can be written; named in the log once. Never throws. */
  apply(entries: readonly UnreadableJob[], generation: number): Promise<void>;
}

/** How many are remembered, and ended in one look: a queue full of them must not block the jobs. */
const MAX_REMEMBERED = 1_000;
const MAX_AT_ONCE = 20;

export function createSetAside(
  registry: Pick<JobRegistry, "setAside">,
  clock: Pick<Clock, "now">,
  log: Logger,
): SetAside {
  /** By key: what was named in the log, and what the registry has answered to. */
  const named = new Set<string>();
  const settled = new Set<string>();

  async function end({ key, problem }: UnreadableJob, generation: number): Promise<void> {
    const reason = renderReason("its item in the registry can't be read", [problem]);
    const why = because("job-item-unreadable", reason);
    try {
      await registry.setAside(key, generation, { ...why, endedAt: clock.now().toISOString() });
      settled.add(key);
    } catch (error) {
      if (!named.has(key)) log.warn({ key, reason: reasonOf(error) }, "an item could not be set aside yet");
    }
    if (!named.has(key))
      log.error({ key, problem }, "an item of the queue can't be read as a job: set aside");
    named.add(key);
  }

  return {
    async apply(entries, generation) {
      for (const known of [named, settled]) if (known.size > MAX_REMEMBERED) known.clear();
      const left = entries.filter(({ key }) => !settled.has(key));
      for (const entry of left.slice(0, MAX_AT_ONCE)) await end(entry, generation);
    },
  };
}
