import { SignalledError, TimedOutError } from "../core/exit.js";
import type { OrgContext } from "./context.js";
import { untilStopped } from "./until-stopped.js";

/**
 * Waits for what the command has begun. Where a Ctrl-C, a SIGTERM or --timeout ends the wait, that goes on: `goesOn` says so, and how to come
 * back. Then it throws the reason.
 */
export async function waitFor<T, C extends OrgContext>(
  context: C,
  goesOn: string,
  wait: (context: C) => Promise<T>,
): Promise<T> {
  try {
    return await untilStopped(context, null, (signal) => wait({ ...context, signal }));
  } catch (error) {
    if (error instanceof SignalledError || error instanceof TimedOutError) context.out.say(goesOn);
    throw error;
  }
}
