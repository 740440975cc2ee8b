/** What went wrong in another project, by its public report, and our tests of the right behaviour: each by its file, and words of its name. */
export interface KnownFailure {
  readonly reports: readonly string[];
  readonly wentWrong: string;
  readonly tests: readonly (readonly [file: string, name: string])[];
  /** Faults of `npm run faults` that do the same to a local cloud. */
  readonly faults?: readonly string[];
}
