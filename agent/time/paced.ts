import type { Clock } from "./clock.js";

export interface Pace<T> {
  /** The least time between two calls. */
  readonly gapMs: number;
  /** What two values that come within one gap are together. */
  merge(first: T, second: T): T;
  readonly clock: Pick<Clock, "sleep">;
}

/**
 * Calls `pass` with the first value at once, and then at most once every `gapMs`: what comes meanwhile is merged, and none is
 * lost. So a burst of any size costs two calls, and one value alone no time.
 */
export function paced<T>(pass: (value: T) => void, { gapMs, merge, clock }: Pace<T>): (value: T) => void {
  let isPausing = false;
  let waiting: { readonly value: T } | null = null;

  function take(value: T): void {
    if (isPausing) {
      waiting = { value: waiting === null ? value : merge(waiting.value, value) };
      return;
    }
    isPausing = true;
    void clock.sleep(gapMs).then(() => {
      const next = waiting;
      [isPausing, waiting] = [false, null];
      if (next !== null) take(next.value);
    });
    pass(value);
  }
  return take;
}
