import { TransientError } from "./exit.js";
import { type Output, showWait } from "./output.js";
import type { World } from "./world.js";

/** What a wait needs. */
export interface AwaitDeps {
  readonly out: Pick<Output, "say" | "waits">;
  readonly world: Pick<World, "sleep">;
  /** Its reason is thrown when it aborts. */
  readonly signal: AbortSignal;
}

/** What a look has found: what was waited for, or a line that says what it still waits for. */
export type Look<T> = { readonly found: T } | { readonly waits: string };

/**
 * Looks until it is found, and says each line once. A look that AWS does not answer at the moment is made again; any other error ends the
 * wait. It has no limit but the signal's.
 */
export async function awaitState<T>(
  what: string,
  look: () => Promise<Look<T>>,
  { out, world, signal }: AwaitDeps,
  everyMs: number,
): Promise<T> {
  const show = showWait(out);
  for (;;) {
    signal.throwIfAborted();
    try {
      const seen = await look();
      if ("found" in seen) return seen.found;
      show(seen.waits);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      show(`can't read ${what} at the moment: ${error.message}`);
    }
    await world.sleep(everyMs, signal);
  }
}
