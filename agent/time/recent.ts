import type { Clock } from "./clock.js";

/** A value that is read elsewhere, and how old it may be. */
export interface Recent<T> {
  /** The last value, where it is recent and `mayServe`; else it is read anew. Calls that come while it is being read share that read. */
  get(): Promise<T>;
  /** Reads it anew, for those who need it as it is now, and keeps it for `get`. */
  read(): Promise<T>;
}

export function recent<T>(
  readSource: () => Promise<T>,
  mayServe: (value: T) => boolean,
  { freshMs, clock }: { readonly freshMs: number; readonly clock: Pick<Clock, "monotonicMs"> },
): Recent<T> {
  let last: { readonly value: T; readonly atMs: number } | null = null;
  let reading: Promise<T> | null = null;

  async function read(): Promise<T> {
    const atMs = clock.monotonicMs();
    const value = await readSource();
    last = mayServe(value) ? { value, atMs } : null;
    return value;
  }

  return {
    read,
    async get() {
      if (last !== null && clock.monotonicMs() - last.atMs < freshMs) return last.value;
      reading ??= read().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}
