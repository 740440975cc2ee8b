import { PART_BYTES } from "../contract/log-parts.js";

const SHORTEST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
/** A pause is this part of the time that the attempt has run. */
const SHARE = 60;

/**
 * How long the bytes of a running attempt wait for more, after `ageMs` of it. Every part costs a request (0.005 USD for 1,000), and a
 * line in the manifest. People watch the first minutes of a job, so that parts come every 2 s then, and after half an hour every
 * 30 s: a job of a week has 20,000 parts instead of 300,000. After a silence the first line does not wait. Pure.
 */
export const partPauseMs = (ageMs: number): number =>
  Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, ageMs / SHARE));

/** What is known when the next part is cut. Sizes and offsets are bytes. */
export interface CutFacts {
  /** Where the next part begins. */
  readonly end: number;
  /** Of the output. */
  readonly size: number;
  /** Bytes by offset: parts in the bucket that an earlier head, or an earlier agent, has stored. */
  readonly found: ReadonlyMap<number, number>;
  /** Whether a part may be short. */
  readonly isDue: boolean;
}

interface Cut {
  readonly bytes: number;
  /** Whether the part is in the bucket already. */
  readonly isStored: boolean;
}

/** The next part, or null: there is none yet. What is found is kept, and a gap in it is filled up to where it ends. Pure. */
export function nextCut({ end, size, found, isDue }: CutFacts): Cut | null {
  const stored = found.get(end);
  // Another node's file system may show this one an older size for a moment.
  if (stored !== undefined) return end + stored <= size ? { bytes: stored, isStored: true } : null;
  const next = Math.min(...[...found.keys()].filter((offset) => offset > end), Number.POSITIVE_INFINITY);
  const bytes = Math.min(PART_BYTES, next - end, size - end);
  if (bytes <= 0) return null;
  const isFull = bytes === PART_BYTES || end + bytes === next;
  return isFull || isDue ? { bytes, isStored: false } : null;
}
