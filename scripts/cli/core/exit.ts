import { renderDuration } from "../../../agent/contract/duration.js";
import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** An end of the command other than 0. */
interface ExitEntry extends CodeEntry {
  readonly status: number;
}

/** Every way in which a command can fail, with its exit status. docs/reference/exit-statuses.md is made of it. */
export const EXITS = {
  failed: {
    status: 1,
    meaning: "Something did not work, or the job that was waited for ended FAILED or CANCELLED.",
    retry: "later",
    next: "Read the message on stderr: it says what to do.",
  },
  unusable: {
    status: 2,
    meaning: "The arguments, or the environment that stands for them, can't be used.",
    retry: "never",
    next: "Correct each argument that the message names; --help explains them.",
  },
  refused: {
    status: 3,
    meaning: "The state of the cluster or of the job forbids it. Nothing was changed.",
    retry: "never",
    next: "Read the message on stderr: it says what is in the way.",
  },
  timedOut: {
    status: 4,
    meaning:
      "The time that --timeout gave was up. A job that was followed runs on; a notebook that was started still starts.",
    retry: "later",
    next: "Follow the job again (muster job wait), or give more time.",
  },
  interrupted: {
    status: 130,
    meaning:
      "Ctrl-C (SIGINT) ended the command. A job that was followed runs on, and so does a notebook that was open.",
    retry: "now",
    next: "Follow the job again (muster job wait), or cancel it (muster job cancel). A notebook is stopped by muster notebook stop.",
  },
  terminated: {
    status: 143,
    meaning:
      "SIGTERM ended the command. A job that was followed runs on, and so does a notebook that was open.",
    retry: "now",
    next: "Follow the job again (muster job wait), or cancel it (muster job cancel). A notebook is stopped by muster notebook stop.",
  },
} as const satisfies Readonly<Record<string, ExitEntry>>;

/** The command's exit status; every command keeps to it. `job run` and `job submit --wait` add the job's own code, 1 to 125. */
export const EXIT = {
  done: 0,
  failed: EXITS.failed.status,
  unusable: EXITS.unusable.status,
  refused: EXITS.refused.status,
  timedOut: EXITS.timedOut.status,
  interrupted: EXITS.interrupted.status,
  terminated: EXITS.terminated.status,
} as const;

export const EXIT_HELP =
  "Exit status: 0 done, 1 failed, 2 invalid arguments, 3 refused (nothing was changed), 4 timed out.";

/** An error of the command, worded for a person. `message` says what is wrong, the value got, and the next step. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Something failed. */
export const failure = (message: string): CommandError => new CommandError(EXIT.failed, message);
/** The current state does not allow it; nothing was changed. */
export const refusal = (message: string): CommandError => new CommandError(EXIT.refused, message);
/** Invalid arguments, with every problem at once. */
export const unusable = (problems: readonly string[]): CommandError =>
  new CommandError(EXIT.unusable, problems.join("\n"));

/** The time of --timeout is over. */
export class TimedOutError extends CommandError {
  constructor(seconds: number) {
    super(EXIT.timedOut, `Timed out after ${renderDuration(seconds * 1000)} (--timeout).`);
  }
}

/** A Ctrl-C or a SIGTERM ended the command. */
export class SignalledError extends CommandError {
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated, `Ended by ${signal}.`);
  }
}

/** An AWS call failed for a cause that may pass: network, throttling, 5xx. A wait continues after it. */
export class TransientError extends CommandError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(EXIT.failed, message, options);
  }
}

/** AWS refuses the credentials or what they ask for, or there are none. */
export class NoRightsError extends CommandError {
  constructor(message: string) {
    super(EXIT.failed, message);
  }
}

/** Who reads stdout has read enough (`| head`): nothing is wrong, and nothing more to be done. */
export class ReaderLeftError extends CommandError {
  constructor() {
    super(EXIT.done, "The reader of the output has left.");
  }
}

/** The job is not in the registry, so nothing of it runs. */
export class NoSuchJobError extends CommandError {
  constructor(message: string) {
    super(EXIT.failed, message);
  }
}
