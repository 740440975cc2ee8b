import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How to run a program. */
export interface CommandOptions {
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Each line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
  readonly timeoutSeconds: number;
}

const SHOWN_ERROR_CHARS = 2000;

/**
 * Runs a program to its end and gives its stdout. Fails with the end of its stderr when it can't be started, ends with
 * anything but 0, or takes longer than the time allowed (it is then killed).
 */
export function runCommand(argv: readonly [string, ...string[]], options: CommandOptions): Promise<string> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutSeconds * 1000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout += `${line}\n`;
      options.onLine?.(line);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-SHOWN_ERROR_CHARS);
    });
    child.once("error", (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(stdout);
      const how = signal === null ? `exit code ${code}` : `${signal} (limit ${options.timeoutSeconds} s)`;
      reject(new Error(`${argv.join(" ")} ended with ${how}.\n${stderr.trim()}`));
    });
  });
}
