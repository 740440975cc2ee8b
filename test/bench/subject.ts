import type { SetUp } from "../../scripts/setup/set-up.js";

/** What a subject is measured with. */
export interface BenchSetting {
  readonly projectRoot: string;
  readonly ready: SetUp;
  /** A folder of this run's own; it is removed at the end. */
  readonly work: string;
  /** Progress, on stderr. */
  say(line: string): void;
}

/** What came of it. */
interface BenchResult {
  /** The table for a person. */
  readonly text: string;
  /** Its part of the JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The goals that were missed, by name. */
  readonly missed: readonly string[];
}

/** One subject of the benchmark. A new one is a file in subjects/, and a line in main.ts. */
export interface BenchSubject {
  readonly name: string;
  /** Null: this machine can't run it; the reason has been said. */
  measure(setting: BenchSetting): Promise<BenchResult | null>;
}
