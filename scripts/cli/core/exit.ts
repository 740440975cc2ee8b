import { renderDuration } from "../../../agent/contract/duration.js";

/** What the command's exit status means; every command keeps to it. `job run` adds the job's own code, 1 to 125. */
export const EXIT = {
  done: 0,
  failed: 1,
  unusable: 2,
  refused: 3,
  timedOut: 4,
  interrupted: 130,
  terminated: 143,
} as const;

export const EXIT_HELP =
  "Exit status: 0 done, 1 failed, 2 unusable arguments, 3 refused (nothing was changed), 4 timed out.";

/** An end of the command that is worded for the person. `message` is what is wrong, what was got, and the next step. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Something did not work. */
export const failure = (message: string): CommandError => new CommandError(EXIT.failed, message);
/** The state of things forbids it; nothing was changed. */
export const refusal = (message: string): CommandError => new CommandError(EXIT.refused, message);
/** Arguments that can't be used, every problem at once. */
export const unusable = (problems: readonly string[]): CommandError =>
  new CommandError(EXIT.unusable, problems.join("\n"));

/** The time that --timeout gave is over. */
export class TimedOutError extends CommandError {
  constructor(seconds: number) {
    super(EXIT.timedOut, `Timed out after ${renderDuration(seconds * 1000)} (--timeout).`);
  }
}

/** A Ctrl-C, or a SIGTERM, was to end the command. */
export class SignalledError extends CommandError {
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated, `Ended by ${signal}.`);
  }
}

/** An AWS call that failed in a way that may pass by itself: network, throttling, 5xx. A wait goes on over it. */
export class TransientError extends CommandError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(EXIT.failed, message, options);
  }
}

/** A job that is not in the registry: nothing of it goes on. */
export class NoSuchJobError extends CommandError {
  constructor(message: string) {
    super(EXIT.failed, message);
  }
}
