import { type CommandError, SignalledError } from "../core/exit.js";
import type { World } from "../core/world.js";

/** The choices after a Ctrl-C while a job is followed. */
export interface InterruptDeps {
  readonly world: Pick<World, "onInterrupt" | "canAsk" | "ask" | "say">;
  readonly jobId: string;
  /** Says that the job keeps running, and how to follow or cancel it. */
  readonly goesOn: string;
  /** Cancels the job; returns a sentence about the result. */
  cancel(): Promise<string>;
}

const QUESTION = "Leave the job running (Enter), cancel it (c), or keep following it (k)? ";

/**
 * Runs `work` with a signal that a Ctrl-C aborts: at once if there is no terminal, else after the person's answer. A second Ctrl-C
 * during the question means: leave the job running.
 */
export async function followInterruptibly<T>(
  deps: InterruptDeps,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { world } = deps;
  const leaving = new AbortController();
  let asking = false;
  const stopListening = world.onInterrupt((name) => {
    const leave = (): void => leaving.abort(new SignalledError(name));
    if (name === "SIGTERM" || !world.canAsk || asking) {
      world.say(deps.goesOn);
      return leave();
    }
    asking = true;
    answer(deps).then(
      (isLeaving) => {
        asking = false;
        if (isLeaving) leave();
      },
      (error: unknown) => leaving.abort(error),
    );
  });
  try {
    return await work(leaving.signal);
  } finally {
    stopListening();
  }
}

/** Whether the person leaves. */
async function answer({ world, goesOn, cancel }: InterruptDeps): Promise<boolean> {
  const said = (await world.ask(QUESTION)).trim().toLowerCase();
  if (said.startsWith("k")) return false;
  if (!said.startsWith("c")) {
    world.say(goesOn);
    return true;
  }
  world.say(await cancel().catch((error: CommandError) => error.message));
  return true;
}
