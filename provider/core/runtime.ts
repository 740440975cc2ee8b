import type { Clock } from "../../agent/contract/clock.js";

/** Structured log lines; Terraform shows them with TF_LOG. Never log a secret. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the process gives to every action. `signal` aborts when Terraform asks the provider to stop. */
export interface Runtime {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;
}
