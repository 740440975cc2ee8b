import type { Logger } from "pino";
import type { LeaseItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { type Holding, holdingAfter, type LeaseSighting, planContention, sightLease } from "./decide.js";

/** The lease's item in the registry. Every write is conditional; `false` means that another node was faster. Calls are bounded. */
export interface LeaseStore {
  read(): Promise<LeaseItem | null>;
  /** Writes `lease` if the table still has exactly (generation, renewal) of `replacing`, or no lease if that is null. */
  take(lease: LeaseItem, replacing: LeaseItem | null): Promise<boolean>;
  /** Sets renewal and expiresAt if the table's lease is still of this holder and generation. */
  renew(lease: LeaseItem): Promise<boolean>;
  /** Marks it released under the same condition. */
  release(lease: LeaseItem): Promise<boolean>;
}

/** Where this node stands after a step. */
type LeaseStanding =
  | { readonly role: "head"; readonly generation: number }
  | { readonly role: "follower"; readonly lease: LeaseItem }
  | { readonly role: "contender" };

/** Competes for the lease and keeps it. One step at a time: `step` must not run twice at once. */
export interface LeaseKeeper {
  /** One decision and at most two calls to the store. `isFollowing`: a live link to the head makes reading needless. */
  step(isFollowing: boolean): Promise<LeaseStanding>;
  /** Whether it is held and its renewal is due: right after a step that has failed. */
  isDue(): boolean;
  /** The held generation, or null from the very moment the holding has run out, without waiting for a step. */
  generation(): number | null;
  /** The lease as last seen or written, expired or not. */
  seen(): LeaseItem | null;
  /** The head has reported a renewal that it wrote. */
  noteRenewal(generation: number, renewal: number): void;
  /** Releases the lease, so that another node takes it at once. Does nothing if it is not held; never throws. */
  release(): Promise<void>;
}

export interface LeaseKeeperDeps {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly self: { readonly id: string; readonly address: string };
  readonly ttlMs: number;
  isReady(): boolean;
  /** Whether this node may be head at all; else it only follows. */
  readonly mayHold: boolean;
  readonly log: Logger;
}

/** Part of a time to live. Who steps only for the renewal is never quite in time: one that comes so much sooner renews. */
const RENEW_EARLY = 1 / 30;

/** Makes the keeper. It starts with nothing seen and nothing held. */
export function createLeaseKeeper(deps: LeaseKeeperDeps): LeaseKeeper {
  const { store, clock, self, ttlMs, log } = deps;
  let sighting: LeaseSighting | null = null;
  let holding: Holding | null = null;
  /** Since when the table has not answered this node; null: it answers. */
  let blindSinceMs: number | null = null;

  const describe = (generation: number, renewal: number): LeaseItem => ({
    holder: self.id,
    holderAddress: self.address,
    generation,
    renewal,
    ttlMs,
    released: false,
    expiresAt: new Date(clock.now().getTime() + ttlMs).toISOString(),
  });

  const generation = () =>
    holding !== null && clock.monotonicMs() < holding.validUntilMs ? holding.generation : null;

  const isDue = () => holding !== null && clock.monotonicMs() >= holding.renewAtMs - RENEW_EARLY * ttlMs;

  function lose(why: string): void {
    log.warn({ generation: holding?.generation }, `no longer head: ${why}`);
    holding = null;
    sighting = null;
  }

  async function renew(held: Holding): Promise<void> {
    const sentAtMs = clock.monotonicMs();
    const lease = describe(held.generation, held.renewal + 1);
    try {
      if (await store.renew(lease)) {
        holding = holdingAfter(lease.generation, lease.renewal, sentAtMs, ttlMs);
        sighting = { lease, sinceMs: sentAtMs };
      } else {
        lose("another node has taken the lease");
        return;
      }
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, "the lease could not be renewed; trying again until it runs out");
    }
    if (generation() === null) lose("the lease could not be renewed in time");
  }

  /**
   * Reads the lease. After an outage the watch starts again: the holder could not renew either, so it may still be alive. The holder
   * itself need not wait, so it gets the lease back first, and continues with its jobs.
   */
  async function look(): Promise<LeaseSighting> {
    const askedAtMs = clock.monotonicMs();
    try {
      const lease = await store.read();
      const nowMs = clock.monotonicMs();
      const isOutage = blindSinceMs !== null && nowMs - blindSinceMs > ttlMs / 3;
      blindSinceMs = null;
      sighting = sightLease(isOutage ? null : sighting, lease, nowMs);
      return sighting;
    } catch (error) {
      blindSinceMs ??= askedAtMs;
      throw error;
    }
  }

  async function contend(): Promise<void> {
    const seen = await look();
    const nowMs = clock.monotonicMs();
    const plan = planContention(seen, { id: self.id, isReady: deps.isReady(), ttlMs }, nowMs);
    if (plan !== "take" || !deps.mayHold) return;
    const lease = describe((seen.lease?.generation ?? 0) + 1, 0);
    if (!(await store.take(lease, seen.lease))) {
      await look();
      return;
    }
    holding = holdingAfter(lease.generation, lease.renewal, nowMs, ttlMs);
    sighting = { lease, sinceMs: nowMs };
    log.info({ generation: lease.generation }, "this node is head now");
  }

  function standing(): LeaseStanding {
    const held = generation();
    if (held !== null) return { role: "head", generation: held };
    const lease = sighting?.lease ?? null;
    const isOthers = lease !== null && !lease.released && lease.holder !== self.id;
    return isOthers ? { role: "follower", lease } : { role: "contender" };
  }

  return {
    generation,
    isDue,
    seen: () => sighting?.lease ?? null,
    async step(isFollowing) {
      if (holding !== null && generation() === null) lose("the lease could not be renewed in time");
      if (holding === null) {
        if (!isFollowing) await contend();
      } else if (isDue()) {
        await renew(holding);
      }
      return standing();
    },
    noteRenewal(seenGeneration, renewal) {
      const lease = sighting?.lease;
      if (holding !== null || !lease || lease.generation !== seenGeneration) return;
      sighting = sightLease(sighting, { ...lease, renewal }, clock.monotonicMs());
    },
    async release() {
      if (holding === null) return;
      const lease = describe(holding.generation, holding.renewal);
      holding = null;
      sighting = null;
      try {
        await store.release(lease);
        log.info({ generation: lease.generation }, "lease released");
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, "the lease could not be released; it runs out by itself");
      }
    },
  };
}
