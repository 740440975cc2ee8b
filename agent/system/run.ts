import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

const MAX_OUTPUT_BYTES = 1_048_576;

/**
 * Runs a program to its end and gives its standard output. Rejects, with what it said on standard error, when it fails,
 * can't start, is not done after `timeoutMs`, or prints over `maxBytes`, by default 1 MiB (then it is killed).
 */
export async function run(
  file: string,
  argv: readonly string[],
  timeoutMs: number,
  maxBytes: number = MAX_OUTPUT_BYTES,
): Promise<string> {
  try {
    const limits = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: maxBytes } as const;
    const { stdout } = await execute(file, argv, limits);
    return stdout;
  } catch (error) {
    const { killed, stderr, code } = error as { killed?: boolean; stderr?: string; code?: unknown };
    const why = killed
      ? `not done after ${timeoutMs} ms`
      : stderr?.trim().slice(-500) || `exit ${String(code)}`;
    throw new Error(`${file}: ${why}`, { cause: error });
  }
}
