/** What has become of a step. A step that has no place here is `left out`; one that an end before it has kept from running, `not reached`. */
type StepResult = "passed" | "failed" | "left out" | "not reached";

/** A step that has been played, or has not. */
export interface PlayedStep {
  readonly name: string;
  readonly title: string;
  readonly result: StepResult;
  /** With one decimal; 0 where it did not run. */
  readonly seconds: number;
  /** What it saw, or why it did not pass; null: nothing to say. */
  readonly why: string | null;
}

/** A part of the acceptance. */
export interface Step {
  /** Unique, one word: the report's key. */
  readonly name: string;
  readonly title: string;
  /** Why it has no place here; null or unset: it has one. */
  readonly leftOut?: string | null;
  /** Fails with the reason; gives what it saw, in a few words. Ends early, and fails, when the signal aborts. */
  run(signal: AbortSignal): Promise<string>;
}
