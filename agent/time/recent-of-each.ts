import type { Clock } from "./clock.js";

interface RecentOptions<T> {
  /** So long a value serves, from when it was asked for. */
  readonly freshMs: number;
  readonly mayServe: (value: T) => boolean;
  readonly clock: Pick<Clock, "monotonicMs">;
}

const MAX_KEPT = 1_000;

interface Read<T> {
  readonly value: Promise<T>;
  readonly atMs: number;
  isOver: boolean;
}

/**
 * Values that are read elsewhere, by key: each is read once for all who ask within a moment, or while it is being read. A read that fails
 * is not kept.
 */
export function recentOfEach<T>(
  read: (key: string) => Promise<T>,
  { freshMs, mayServe, clock }: RecentOptions<T>,
): (key: string) => Promise<T> {
  /** The latest begun last. */
  const reads = new Map<string, Read<T>>();
  const serves = ({ isOver, atMs }: Read<T>, nowMs: number) => !isOver || nowMs - atMs < freshMs;

  function dropOld(nowMs: number): void {
    for (const [key, made] of reads) {
      if (serves(made, nowMs) && reads.size < MAX_KEPT) return;
      reads.delete(key);
    }
  }

  function readNow(key: string, atMs: number): Promise<T> {
    reads.delete(key);
    dropOld(atMs);
    const made: Read<T> = { value: read(key), atMs, isOver: false };
    reads.set(key, made);
    const end = (mayStay: boolean): void => {
      made.isOver = true;
      if (!mayStay && reads.get(key) === made) reads.delete(key);
    };
    made.value.then(
      (value) => end(mayServe(value)),
      () => end(false),
    );
    return made.value;
  }

  return (key) => {
    const nowMs = clock.monotonicMs();
    const last = reads.get(key);
    return last !== undefined && serves(last, nowMs) ? last.value : readNow(key, nowMs);
  };
}
