import type { Clock } from "../time/clock.js";

/** Work that may be begun before it is needed, beside other work. */
export interface Ahead<T> {
  /** Begins `work`, in the place of what was begun before. Its failure is known to who takes it. */
  begin(work: () => Promise<T>): void;
  /** What was begun, if it is recent; otherwise, or after a failure, what `work` gives now. */
  take(work: () => Promise<T>): Promise<T>;
}

/** What was begun longer ago may not be true any more. */
const FRESH_MS = 1_000;

export function createAhead<T>(clock: Pick<Clock, "monotonicMs">): Ahead<T> {
  let begun: { readonly atMs: number; readonly result: Promise<T | null> } | null = null;
  return {
    begin(work) {
      begun = { atMs: clock.monotonicMs(), result: work().catch(() => null) };
    },
    async take(work) {
      const earlier = begun;
      begun = null;
      if (earlier === null || clock.monotonicMs() - earlier.atMs > FRESH_MS) return work();
      return (await earlier.result) ?? work();
    },
  };
}
