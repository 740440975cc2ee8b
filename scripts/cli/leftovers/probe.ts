import type { Candidate } from "./candidate.js";

/** Lists one kind of resource in the account and region. */
export interface LeftoverProbe {
  /** For the error "could not list <what>". */
  readonly what: string;
  list(): Promise<Candidate[]>;
}

/** Concurrent requests of a probe that asks about each resource, and concurrent probes. */
export const CALLS_AT_ONCE = { concurrency: 8 } as const;
