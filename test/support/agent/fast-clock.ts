import type { Clock } from "../../../agent/time/clock.js";

/** A clock whose sleeps end at once and move the time on by what was slept: bounded waits in no time. */
export function fastClock(wall = new Date("2026-01-01T00:00:00Z")): Clock {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(wall.getTime() + nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (!signal?.aborted) nowMs += ms;
        setImmediate(resolve);
      }),
  };
}
