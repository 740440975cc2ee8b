/** How a program of this machine ended. */
export interface ProgramEnd {
  /** Null: it was killed, or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isLate: boolean;
}

/** Other programs of this machine, each by its argv: no shell is in between. */
export interface Programs {
  /** Whether PATH has it. */
  has(name: string): boolean;
  /** Runs it with this process's terminal; Ctrl-C is its own meanwhile. Gives its exit status, 128 + N after signal N. */
  attach(argv: readonly [string, ...string[]]): Promise<number>;
  /** Runs it without input and keeps what it prints, 1 MiB of each stream. It is killed after `timeoutMs`, or when `signal` aborts. */
  run(
    argv: readonly [string, ...string[]],
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ProgramEnd>;
  /**
   * Runs it without input and gives each line that it prints as it comes. When `stop` aborts it gets one SIGINT, as from a Ctrl-C, and
   * is waited for; or what it has started in a pseudo-terminal gets it, in its place. It is killed where it goes on for `graceMs` after that. A Ctrl-C in the terminal does not reach it by itself. Gives
   * its exit status, 128 + N after signal N. Throws where it can't be started.
   */
  follow(
    argv: readonly [string, ...string[]],
    following: {
      /** Beside this process's environment. */
      readonly env: Readonly<Record<string, string>>;
      readonly onLine: (line: string) => void;
      readonly stop: AbortSignal;
      readonly graceMs: number;
    },
  ): Promise<number>;
  /** Has a text in a file of this user's alone while `use` runs. */
  withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T>;
}
