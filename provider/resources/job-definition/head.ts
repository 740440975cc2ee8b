import type { LeaseItem } from "../../../agent/contract/registry.js";

/** Time for the next contender to notice that the holder is gone, to become ready, and to take the lease. */
const TTLS_WITHOUT_A_SIGN = 3;

/**
 * Whether a cluster has a head, judged as the nodes do it: by whether its lease is renewed while one watches, on the
 * watcher's own clock (`nowMs` never goes back). Alive until it was silent for three of its own times to live.
 */
export function watchHead(): (lease: LeaseItem | null, nowMs: number) => boolean {
  let seen = { sign: "", atMs: 0 };
  return (lease, nowMs) => {
    if (lease === null) return false;
    const sign = `${lease.generation}/${lease.renewal}`;
    if (sign !== seen.sign) seen = { sign, atMs: nowMs };
    return nowMs - seen.atMs < TTLS_WITHOUT_A_SIGN * lease.ttlMs;
  };
}
