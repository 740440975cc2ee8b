import type { Clock } from "../time/clock.js";

/** Work that may take long: it goes on by itself, and is looked at often. */
export interface LongStep<T> {
  /** Its result, as soon as it is there; null: not within `ms`. Rejects as the work does. May be called again. */
  within(ms: number): Promise<T | null>;
  /** Asks it to end, by its signal. What respects it settles at once. */
  abort(): void;
  /** Whether it has come to its end. */
  hasSettled(): boolean;
}

/** Begins the work. Nothing that it throws is lost, nor unhandled: `within` throws it. */
export function beginStep<T>(
  work: (signal: AbortSignal) => Promise<T>,
  clock: Pick<Clock, "sleep">,
): LongStep<T> {
  const ending = new AbortController();
  const state = { hasSettled: false };
  const result = work(ending.signal).finally(() => {
    state.hasSettled = true;
  });
  result.catch(() => undefined);
  return {
    async within(ms) {
      const nap = new AbortController();
      try {
        return await Promise.race([result, clock.sleep(ms, nap.signal).then(() => null)]);
      } finally {
        nap.abort();
      }
    },
    abort: () => ending.abort(),
    hasSettled: () => state.hasSettled,
  };
}
