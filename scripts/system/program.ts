import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  /** Default: this process's. */
  readonly cwd?: string;
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Each line of stdout and stderr, as it comes. */
  readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
  /**
   * When it aborts, the program gets one SIGINT, as from a Ctrl-C, and is waited for. A program with a signal is in a
   * process group of its own: a Ctrl-C in the terminal reaches us, and we decide what it means for the program.
   */
  readonly signal?: AbortSignal;
  /** After this time, the program is killed. Default: no limit. */
  readonly timeoutSeconds?: number;
  /** When it aborts, the program is killed. */
  readonly kill?: AbortSignal;
}

/** How a program ended: its exit code, or null and the signal that ended it. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs a program to any end. Fails only if it can't be started, or the signal aborted before that. */
export async function runProgram(
  argv: readonly [string, ...string[]],
  { cwd, env = process.env, onLine, signal, timeoutSeconds, kill: killSignal }: ProgramOptions,
): Promise<ProgramEnd> {
  signal?.throwIfAborted();
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const isGroup = signal !== undefined;
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: isGroup });
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const interrupt = (): void => {
      if (child.pid !== undefined && isRunning()) process.kill(-child.pid, "SIGINT");
    };
    const kill = (): void => {
      child.kill("SIGKILL");
      // Its children may live on and keep the pipes open: do not wait for them.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    killSignal?.addEventListener("abort", kill, { once: true });
    const timer = timeoutSeconds === undefined ? undefined : setTimeout(kill, timeoutSeconds * 1000);
    const settle = (): void => {
      signal?.removeEventListener("abort", interrupt);
      killSignal?.removeEventListener("abort", kill);
      clearTimeout(timer);
    };
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream] }).on("line", (line) => onLine(line, stream));
    }
    child.once("error", (error) => {
      settle();
      reject(new Error(`${program} could not be started: ${error.message}`));
    });
    child.once("close", (exitCode, endSignal) => {
      settle();
      resolve({ exitCode, signal: endSignal });
    });
  });
}

/** "exit code 1", "signal SIGKILL" */
export const renderProgramEnd = ({ exitCode, signal }: ProgramEnd): string =>
  signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
