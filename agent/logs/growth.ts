import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import type { Outputs } from "./ports.js";

/** An output that somebody follows. */
export interface Growth {
  /** Another number each time that the output was seen to change, to come or to go. */
  seen(): number;
  /** Waits until `seen` is not `before` any more, for `ms` at most. Never rejects; `signal` ends it. */
  after(before: number, ms: number, signal: AbortSignal): Promise<void>;
  /** Call it once, when it is followed no more. */
  stop(): void;
}

export interface GrowthDeps {
  readonly outputs: Pick<Outputs, "measure">;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
}

/** So often an output is looked at that grows, and so often one that has not grown for long. */
const PAUSE_MS = { shortest: 20, longest: 250 } as const;
/** Of the time since it last grew, so much is the pause: who has waited for a second waits 50 ms longer at most. */
const PAUSE_OF_QUIET = 0.05;

/**
 * Looks how long outputs are that are followed: one look serves all who follow the same output. It is no watch by the kernel, for that
 * hears nothing of what other nodes write to a network file system, and begins with a call that such a file system may hold up.
 */
export function createGrowth({ outputs, clock }: GrowthDeps): { of(attempt: AttemptId): Growth } {
  const followed = new Map<string, Followed>();

  async function look(of: AttemptId, known: Followed): Promise<void> {
    let bytes: number | null | undefined;
    let grewAtMs = clock.monotonicMs();
    while (!known.over.signal.aborted) {
      // What can't be measured now is taken to be as it was; who reads it hears why.
      const now = await outputs.measure(of).catch(() => bytes);
      if (now !== bytes) {
        known.note();
        bytes = now;
        grewAtMs = clock.monotonicMs();
      }
      await clock.sleep(pauseMs(clock.monotonicMs() - grewAtMs), known.over.signal);
    }
  }

  return {
    of(attempt) {
      const key = `${attempt.jobId}/${attempt.attempt}`;
      const known = followed.get(key) ?? newFollowed();
      if (known.followers === 0) {
        followed.set(key, known);
        void look(attempt, known);
      }
      known.followers += 1;
      return {
        seen: known.seen,
        after: (before, ms, signal) => known.after(before, (woken) => clock.sleep(ms, woken), signal),
        stop() {
          known.followers -= 1;
          if (known.followers > 0) return;
          followed.delete(key);
          known.over.abort();
        },
      };
    },
  };
}

const pauseMs = (quietMs: number): number =>
  Math.min(PAUSE_MS.longest, Math.max(PAUSE_MS.shortest, quietMs * PAUSE_OF_QUIET));

type Followed = ReturnType<typeof newFollowed>;

function newFollowed() {
  const waiting = new Set<() => void>();
  let changes = 0;
  return {
    followers: 0,
    over: new AbortController(),
    seen: () => changes,
    note(): void {
      changes += 1;
      for (const wake of waiting) wake();
    },
    async after(before: number, sleep: (woken: AbortSignal) => Promise<void>, signal: AbortSignal) {
      if (changes !== before || signal.aborted) return;
      const woken = new AbortController();
      const wake = () => woken.abort();
      waiting.add(wake);
      signal.addEventListener("abort", wake);
      await sleep(woken.signal);
      waiting.delete(wake);
      signal.removeEventListener("abort", wake);
    },
  };
}
