/** How long one test may take: what hangs because of a change is noticed. */
export const TEST_LIMIT_MS = 30_000;
/** In a screening, where a test has just passed in far less, and each change that makes one hang would cost the whole time. */
export const SCREENED_TEST_LIMIT_MS = 6_000;

/**
 * Asks a worker to run the tests of a file, which is named from the project's root: with a change made from the beginning, or with none; or to
 * screen changes by them (see screening.ts), but for these.
 */
export interface ToWorker {
  readonly file: string;
  readonly made: number | null;
  readonly screenBut: readonly number[] | null;
}

/** What a worker says: it can be asked; a test of the file failed, as soon as it did; which changes they reached; the file's tests have ended. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly file: string; readonly why: string }
  | ({ readonly kind: "reached" } & Reached)
  | Screened
  | { readonly kind: "done"; readonly file: string };

/** The numbers of the changes that were reached, and of those that were outside of every test: while the file was loaded, or its hooks ran. */
interface Reached {
  readonly numbers: readonly number[];
  readonly outside: readonly number[];
}

/** What a screening says of a change as it comes to know it. */
export type Screened = {
  readonly kind: "screened";
  readonly number: number;
  readonly came: "begun" | "passed" | "noticed" | "hung" | "unclear";
};

/** The worker's process-wide place for what it was asked: its test environment is loaded by jest, and shares no module with it. */
export const ASKED = Symbol.for("muster.mutants.asked");

export const isToWorker = (message: unknown): message is ToWorker =>
  typeof message === "object" && message !== null && "file" in message;
