import type { Command } from "commander";
import type { Session } from "./context.js";

/** A command, or a group of them, that is loaded when it is named. */
export interface LazyCommand {
  readonly name: string;
  /** As the command itself says it: the help of what is above it loads none. */
  readonly summary: string;
  /** Loads it and adds it to its parent. */
  add(parent: Command, session: Session): void | Promise<void>;
}

/** Adds the commands in their order: those that the command line names, and of the others what the help shows. */
export async function addLazily(
  parent: Command,
  session: Session,
  commands: readonly LazyCommand[],
): Promise<void> {
  for (const { name, summary, add } of commands) {
    if (session.isNamed(name)) await add(parent, session);
    else parent.command(name).summary(summary);
  }
}
