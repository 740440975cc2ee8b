import type { Candidate } from "./candidate.js";

/** Looks for one kind of thing in the account and region. */
export interface LeftoverProbe {
  /** For the error when it can't look: "could not list <what>". */
  readonly what: string;
  list(): Promise<Candidate[]>;
}

/** Requests that are under way at once, per probe that has to ask about each thing, and of probes. */
export const CALLS_AT_ONCE = { concurrency: 8 } as const;
