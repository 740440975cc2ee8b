/** What a reason is about. An attempt is one execution of a job: what ends it may not happen to the next one. */
type Subject = "cluster" | "node" | "job" | "attempt" | "schedule" | "notebook" | "image";

/**
 * Whether the same may be tried again. `never`: it fails again until something is changed. `later`: it may pass by
 * itself. `now`: what was in the way is over.
 */
export type Retry = "never" | "later" | "now";

/** What a code of any list stands for: `meaning` and `next`, the next step for a person, are sentences. */
export interface CodeEntry {
  readonly meaning: string;
  readonly retry: Retry;
  readonly next: string;
}

/** One reason of the list. */
export interface ReasonEntry extends CodeEntry {
  readonly about: Subject;
  /**
   * Of an attempt's reason: with which cause a job's retry policy includes it. Left out: `failure`. `named`: with none, the policy
   * has to name the code itself.
   */
  readonly cause?: "failure" | "node-loss" | "named";
}
