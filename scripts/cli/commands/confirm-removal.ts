import { refusal, unusable } from "../core/exit.js";
import type { OrgContext } from "./context.js";

/** What is about to be removed: lines that say it before the question, and the question's begin. */
interface Removing {
  readonly shown: readonly string[];
  readonly what: string;
}

/** The person types the org's name, or the pipeline has it in --confirm. Throws, with nothing removed. */
export async function confirmRemoval(
  { shown, what }: Removing,
  confirm: string | undefined,
  { world, out, place: { org } }: OrgContext,
): Promise<void> {
  if (confirm === undefined && !world.canAsk)
    throw unusable([
      `There is no terminal to confirm at: look at --dry-run, then give --confirm ${org}. Nothing was removed.`,
    ]);
  if (confirm === undefined) for (const line of shown) out.say(line);
  const typed =
    confirm ??
    (await world.ask(
      `${what} will be removed, with all data in them, and can't be restored. Type the org's name: `,
    ));
  if (typed.trim() !== org)
    throw refusal(`The org's name is ${org}, and "${typed.trim()}" was given. Nothing was removed.`);
}
