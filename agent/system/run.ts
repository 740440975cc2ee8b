import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * Runs a program to its end and gives its standard output. Rejects, with what it said on standard error, when it fails,
 * can't start, or is not done after `timeoutMs` (then it is killed).
 */
export async function run(file: string, argv: readonly string[], timeoutMs: number): Promise<string> {
  try {
    const { stdout } = await execute(file, argv, { timeout: timeoutMs, killSignal: "SIGKILL" });
    return stdout;
  } catch (error) {
    const { killed, stderr, code } = error as { killed?: boolean; stderr?: string; code?: unknown };
    const why = killed
      ? `not done after ${timeoutMs} ms`
      : stderr?.trim().slice(-500) || `exit ${String(code)}`;
    throw new Error(`${file}: ${why}`, { cause: error });
  }
}
