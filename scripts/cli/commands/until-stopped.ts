import { SignalledError } from "../core/exit.js";
import type { OrgContext } from "./context.js";

/**
 * Runs `work` with a signal that aborts on a Ctrl-C or a SIGTERM, and when the time of --timeout is over. `saying`: what is said of the first;
 * null: nothing.
 */
export async function untilStopped<T>(
  { world, out, signal }: Pick<OrgContext, "world" | "out" | "signal">,
  saying: string | null,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const stopListening = world.onInterrupt((name) => {
    if (saying !== null) out.say(`${name}: ${saying}`);
    interrupted.abort(new SignalledError(name));
  });
  try {
    return await work(AbortSignal.any([interrupted.signal, signal]));
  } finally {
    stopListening();
  }
}
