/** Structured log lines; Terraform shows them under TF_LOG. Never give it a secret. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Time, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  now(): Date;
  /** Rejects at once when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What the process lends to every action. `signal` aborts when Terraform asks the provider to stop. */
export interface Runtime {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;
}
