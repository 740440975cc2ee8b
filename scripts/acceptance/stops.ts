/** What ends an acceptance early. */
export interface Stops {
  /** Ends the steps; the teardown follows. */
  readonly steps: AbortSignal;
  /** Ends the teardown too: what is left, stays. */
  readonly teardown: AbortSignal;
  /** A SIGINT or SIGTERM has come: the first ends the steps, the second the teardown. */
  interrupt(name: string): void;
  /** The ceiling is reached: the steps end, the teardown runs as it would. */
  reachCeiling(): void;
  /** The steps are over: a signal that comes now ends the teardown. */
  beginTeardown(): void;
}

/** One Ctrl-C under npm comes more than once: from the terminal, and from the programs above that pass it on. */
const SAME_SIGNAL_MS = 1_000;

/** `say` hears what each signal does. */
export function createStops(say: (line: string) => void, monotonicMs: () => number): Stops {
  let lastMs = Number.NEGATIVE_INFINITY;
  const [steps, teardown] = [new AbortController(), new AbortController()];
  let isTeardown = false;
  return {
    steps: steps.signal,
    teardown: teardown.signal,
    interrupt(name) {
      const isSame = monotonicMs() - lastMs < SAME_SIGNAL_MS;
      lastMs = monotonicMs();
      if (isSame) return;
      if (!isTeardown && !steps.signal.aborted) {
        say(`${name}: the step ends, then everything is removed. Once more leaves what is there.`);
        return steps.abort(new Error(`interrupted by ${name}`));
      }
      if (teardown.signal.aborted) return;
      say(`${name}: the teardown ends; what is left is listed.`);
      teardown.abort(new Error(`the teardown was interrupted by ${name}`));
    },
    reachCeiling() {
      if (isTeardown || steps.signal.aborted) return;
      say("the ceiling is reached: the step ends, then everything is removed");
      steps.abort(new Error("the ceiling is reached"));
    },
    beginTeardown() {
      isTeardown = true;
    },
  };
}
