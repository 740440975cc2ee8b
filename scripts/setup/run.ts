import { execFile } from "node:child_process";

export interface RunOptions {
  readonly timeoutSeconds: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const SHOWN_CHARS = 2000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a program to its end and gives its stdout. Fails with the end of what it printed, or when the time is over. */
export function run(argv: readonly [string, ...string[]], options: RunOptions): Promise<string> {
  const [program, ...args] = argv;
  const { timeoutSeconds, ...rest } = options;
  const limits = {
    timeout: timeoutSeconds * 1000,
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: "SIGKILL" as const,
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...rest, ...limits }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const how = error.killed
        ? `did not end within ${timeoutSeconds} s`
        : `failed (${error.code ?? error.signal})`;
      const shown = (stderr || stdout).trim().slice(-SHOWN_CHARS);
      reject(new Error(`${argv.join(" ")} ${how}${shown ? `:\n${shown}` : ""}`));
    });
  });
}
