import { isDeepStrictEqual } from "node:util";
import type { Clock } from "./clock.js";

/** A read that is made each time while what it gives changes, and seldom once that has stayed the same for a while. */
export interface Resting<T> {
  /** Reads; at rest it gives what was read last, while that is young enough. Never two reads at once. */
  read(): Promise<T>;
  /** Whether the last `read` gave what an earlier one had read. */
  isOld(): boolean;
  /** What was read last, where it may still be given; undefined: nothing, and it has to be read. Reads nothing. */
  known(): T | undefined;
  /** Whether it has stayed the same for a while, and nobody has waked it. */
  rests(): boolean;
  /** Ends the rest: the next read is made. Cheap; may be called at any time. */
  wake(): void;
}

export interface RestingOptions<T> {
  /** What counts of a value, compared deeply; default: all of it. */
  essence?(value: T): unknown;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** So long nothing has changed before it rests. */
export const REST_AFTER_MS = 60_000;
/** So often it is read at rest. */
export const REST_MS = 5_000;
/** How long what only a head does pauses on another node: to become head ends the pause. */
export const NOT_HEAD_MS = 60_000;
/** Who reads every REST_MS is never quite in time: a read that comes so much sooner is made, and what is known serves others so much longer. */
const SLACK_MS = 500;

export function resting<T>(
  readSource: () => Promise<T>,
  { essence = (value) => value, clock }: RestingOptions<T>,
): Resting<T> {
  let last: { readonly value: T; readonly sinceMs: number; readonly atMs: number } | null = null;
  let isAwake = true;
  let isOld = false;

  async function readAnew(atMs: number): Promise<T> {
    isAwake = false;
    isOld = false;
    const before = last;
    last = null;
    const value = await readSource();
    const isSame = before !== null && isDeepStrictEqual(essence(before.value), essence(value));
    last = { value, atMs, sinceMs: isSame ? before.sinceMs : atMs };
    return value;
  }

  const rests = () => last !== null && !isAwake && clock.monotonicMs() - last.sinceMs >= REST_AFTER_MS;
  const isYounger = (ms: number) => last !== null && clock.monotonicMs() - last.atMs < ms;

  return {
    rests,
    async read() {
      if (last === null || !rests() || !isYounger(REST_MS - SLACK_MS)) return readAnew(clock.monotonicMs());
      isOld = true;
      return last.value;
    },
    isOld: () => isOld,
    known: () => (last !== null && !isAwake && isYounger(REST_MS + SLACK_MS) ? last.value : undefined),
    wake() {
      isAwake = true;
      if (last !== null) last = { ...last, sinceMs: clock.monotonicMs() };
    },
  };
}
