/** How long one test may take: what hangs because of a change is noticed. */
export const TEST_LIMIT_MS = 30_000;

/** Asks a worker to run the tests of a file, which is named from the project's root. */
export interface ToWorker {
  readonly file: string;
}

/** What a worker says: it can be asked; a test of the file failed, as soon as it did; which changes they reached; the file's tests have ended. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly file: string; readonly why: string }
  | { readonly kind: "reached"; readonly numbers: readonly number[] }
  | { readonly kind: "done"; readonly file: string };

export const isToWorker = (message: unknown): message is ToWorker =>
  typeof message === "object" && message !== null && "file" in message;
