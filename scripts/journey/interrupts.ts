/** What a Ctrl-C or a SIGTERM ends: the journey, or something that runs in it until a person ends it. */
export interface Interrupts {
  /** Aborts when the journey is to end. */
  readonly signal: AbortSignal;
  /** Runs work with a signal of its own: the next interrupt ends the work, and the journey goes on. Not twice at once. */
  untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** A signal of the process has come. One that comes after the journey's end was asked for changes nothing. */
  interrupt(name: string): void;
}

/** `onEnd` hears once that the journey is to end. */
export function createInterrupts(onEnd: (name: string) => void): Interrupts {
  const journey = new AbortController();
  let inner: AbortController | null = null;
  return {
    signal: journey.signal,
    async untilInterrupted(work) {
      const own = new AbortController();
      inner = own;
      try {
        await work(own.signal);
      } finally {
        inner = null;
      }
    },
    interrupt(name) {
      if (inner !== null && !inner.signal.aborted) return inner.abort(new Error(`ended by ${name}`));
      if (journey.signal.aborted) return;
      onEnd(name);
      journey.abort(new Error(`interrupted by ${name}`));
    },
  };
}
