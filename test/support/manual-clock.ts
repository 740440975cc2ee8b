import type { Clock } from "../../agent/time/clock.js";

/** A clock that moves only when told to. `rate` makes it run faster or slower than the time it is told. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Starts at `startMs` (monotonic), with the wall clock at `wall`. `sleep` resolves when the time has been advanced past it. */
export function manualClock(startMs = 0, rate = 1, wall = new Date("2026-01-01T00:00:00Z")): ManualClock {
  let nowMs = startMs;
  let sleepers: { atMs: number; wake: () => void }[] = [];
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(wall.getTime() + nowMs - startMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        sleepers.push({ atMs: nowMs + ms, wake: resolve });
        signal?.addEventListener("abort", () => resolve());
      }),
    advance(ms) {
      nowMs += ms * rate;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
    },
  };
}
