import type { Runtime } from "../../../provider/core/runtime.js";

/** A runtime whose clock jumps ahead instead of sleeping, and whose log is kept. */
export function fakeRuntime(
  overrides: Partial<Runtime> = {},
): Runtime & { readonly logged: string[]; readonly sleeps: number[] } {
  let nowMs = 0;
  const logged: string[] = [];
  const sleeps: number[] = [];
  const log = (message: string): void => {
    logged.push(message);
  };
  return {
    logged,
    sleeps,
    signal: new AbortController().signal,
    log: { debug: log, info: log, warn: log },
    clock: {
      monotonicMs: () => nowMs,
      now: () => new Date(Date.UTC(2026, 0, 1) + nowMs),
      sleep: async (milliseconds) => {
        sleeps.push(milliseconds);
        nowMs += milliseconds;
      },
    },
    ...overrides,
  };
}
