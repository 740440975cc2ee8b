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
  /** Has a text in a file of this user's alone while `use` runs. */
  withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T>;
}
