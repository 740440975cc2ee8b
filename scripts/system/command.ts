import { type ProgramOptions, renderProgramEnd, runProgram } from "./program.js";

/** How to run a program for its output. */
export interface CommandOptions extends Pick<ProgramOptions, "cwd" | "env"> {
  /** Each line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
  readonly timeoutSeconds: number;
}

const SHOWN_ERROR_CHARS = 2000;

/**
 * Runs a program to its end and gives its stdout. Fails with the end of its stderr if it can't be started, its exit code is not
 * 0, or it takes too long (it is then killed). A Ctrl-C in the terminal reaches it too.
 */
export async function runCommand(
  argv: readonly [string, ...string[]],
  { onLine, ...options }: CommandOptions,
): Promise<string> {
  const output = { stdout: "", stderr: "" };
  const end = await runProgram(argv, {
    ...options,
    onLine: (line, stream) => {
      output[stream] += `${line}\n`;
      if (stream === "stdout") onLine?.(line);
    },
  });
  if (end.exitCode === 0) return output.stdout;
  const limit = end.signal === null ? "" : ` (limit ${options.timeoutSeconds} s)`;
  const said = output.stderr.trim().slice(-SHOWN_ERROR_CHARS);
  throw new Error(`${argv.join(" ")} ended with ${renderProgramEnd(end)}${limit}.\n${said}`);
}
