import { isJobEnded } from "../contract/job-state.js";
import type { JobRegistry } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import type { Counts } from "./metrics.js";

/** The same registry; the jobs that are ended through it are counted, and how long they ran. */
export function countingEnds(
  registry: JobRegistry,
  { jobsEnded, jobSeconds }: Counts,
  clock: Pick<Clock, "monotonicMs">,
): JobRegistry {
  /** The attempt that runs: a head has one job at a time. */
  let running: { readonly jobId: string; readonly sinceMs: number } | null = null;
  const add = <Key>(to: Map<Key, number>, key: Key, more: number) =>
    void to.set(key, (to.get(key) ?? 0) + more);
  return {
    ...registry,
    async update(jobId, generation, change) {
      const isWritten = await registry.update(jobId, generation, change);
      if (!isWritten) return false;
      const { status, phase } = change;
      if (phase === "running") running = { jobId, sinceMs: clock.monotonicMs() };
      if (status === undefined || !isJobEnded(status)) return true;
      add(jobsEnded, status, 1);
      if (running?.jobId === jobId) add(jobSeconds, status, (clock.monotonicMs() - running.sinceMs) / 1_000);
      running = null;
      return true;
    },
  };
}
