import type { LeaseItem } from "../contract/registry.js";

/** The lease as a contender last saw it, and since when (its own monotonic clock) it has looked exactly like that. */
export interface LeaseSighting {
  readonly lease: LeaseItem | null;
  readonly sinceMs: number;
}

/** What a node that is not head does next: take the lease, follow its holder, or wait until a node takes it. */
export type ContentionPlan = "take" | "follow" | "wait";

/** The sighting after one more look. Only a change of (generation, renewal, released) restarts the watch. */
export function sightLease(
  previous: LeaseSighting | null,
  lease: LeaseItem | null,
  nowMs: number,
): LeaseSighting {
  const isUnchanged = previous !== null && isSameTerm(previous.lease, lease);
  return { lease, sinceMs: isUnchanged ? previous.sinceMs : nowMs };
}

/**
 * Decides from one sighting. A held lease is taken when it has not changed for its time to live; a free one, or one that an
 * earlier life of this node holds, at once. A node whose own probes fail stands back for two more times to live, so that
 * it becomes head only where no node is better.
 */
export function planContention(
  sighting: LeaseSighting,
  self: { readonly id: string; readonly isReady: boolean; readonly ttlMs: number },
  nowMs: number,
): ContentionPlan {
  const { lease, sinceMs } = sighting;
  const isFree = lease === null || lease.released || lease.holder === self.id;
  const standBackMs = self.isReady ? 0 : 2 * self.ttlMs;
  const patienceMs = standBackMs + (isFree ? 0 : lease.ttlMs);
  if (nowMs - sinceMs >= patienceMs) return "take";
  return isFree ? "wait" : "follow";
}

/** A lease that this node holds. Both times are on its own monotonic clock. */
export interface Holding {
  readonly generation: number;
  readonly renewal: number;
  readonly renewAtMs: number;
  /** After this time the node is not head any more, even if the table says so. */
  readonly validUntilMs: number;
}

/** A margin for clocks of different speeds: the holder steps down this much of a ttl before others may take the lease. */
const STEP_DOWN_MARGIN = 0.1;

/**
 * The holding after a successful write. `sentAtMs` is when the write was sent, not when it was answered: others may
 * have seen it that early, so the holder's time counts from there.
 */
export function holdingAfter(generation: number, renewal: number, sentAtMs: number, ttlMs: number): Holding {
  return {
    generation,
    renewal,
    renewAtMs: sentAtMs + ttlMs / 3,
    validUntilMs: sentAtMs + ttlMs * (1 - STEP_DOWN_MARGIN),
  };
}

function isSameTerm(a: LeaseItem | null, b: LeaseItem | null): boolean {
  if (a === null || b === null) return a === b;
  return a.generation === b.generation && a.renewal === b.renewal && a.released === b.released;
}
