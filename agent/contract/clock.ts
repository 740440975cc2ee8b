/** Time as agent and provider use it: `monotonicMs` for every duration and deadline, `now` only for what people read. */
export interface Clock {
  /** Monotonic milliseconds. */
  monotonicMs(): number;
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** How long a loop pauses that is to look every `ms`, so that the loops look together; missing: so long. */
  inStep?(ms: number): number;
}
