import { Command, CommanderError, InvalidArgumentError } from "commander";

/** Arguments that can't be used. */
const EXIT_UNUSABLE = 2;

/**
 * A developers' command, by what is typed to start it. An unknown option or a word too many ends it with a sentence and its
 * help, before it does anything; so do those of its subcommands.
 */
export function developersCommand(typed: string, description: string): Command {
  return new Command(typed)
    .description(description)
    .helpOption("-h, --help", "this text")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError()
    .allowExcessArguments(false)
    .exitOverride();
}

/** For an option: a whole number within the bounds, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** What a command does, and the exit status that it gives. */
export const withStatus =
  <Args extends readonly unknown[]>(act: (...args: Args) => Promise<number> | number) =>
  async (...args: Args): Promise<void> => {
    process.exitCode = await act(...args);
  };

/** Runs the command on this process's arguments to the process's end; an error is its message on stderr and exit status 1. */
export function runToEnd(command: Command): void {
  command.parseAsync().catch((error: Error) => {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_UNUSABLE;
    else {
      console.error(error.message);
      process.exitCode = 1;
    }
  });
}
