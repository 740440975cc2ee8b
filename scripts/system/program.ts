import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Each line of stdout and stderr, as it comes. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How a program ended: its exit code, or null and the signal that ended it. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs a program to its end. When the signal aborts, the program gets one SIGINT, as from a Ctrl-C, and is waited for. */
export function runProgram(
  argv: readonly [string, ...string[]],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const [command, ...args] = argv;
  return new Promise((resolve, reject) => {
    // A group of its own: a Ctrl-C in the terminal reaches us, and we decide what it means for the program.
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const interrupt = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    };
    options.signal?.addEventListener("abort", interrupt, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", options.onLine);
    }
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      options.signal?.removeEventListener("abort", interrupt);
      resolve({ exitCode, signal });
    });
  });
}
