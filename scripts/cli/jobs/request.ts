import { scriptRequest } from "../../../agent/contract/job.js";
import { jobBytesProblem } from "../../../agent/contract/job-command.js";
import { requestProblems } from "../../../agent/contract/job-problems.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { scriptText } from "../../../agent/contract/script-text.js";
import { unusable } from "../core/exit.js";

/** A Python file on this machine, and how to run it. */
export interface ScriptJob {
  /** As typed. */
  readonly file: string;
  readonly args: readonly string[];
  /** MPI processes; absent: every core. */
  readonly processes?: number;
  /** Time limit in seconds; absent: the contract's default. */
  readonly timeLimitSeconds?: number;
}

/** The request that runs the file, with its text. Throws CommandError that says what can't be part of a job and why. */
export function requestFor(
  { file, args, processes, timeLimitSeconds }: ScriptJob,
  readFile: (path: string) => Uint8Array,
): JobRequest {
  const request: JobRequest = {
    ...scriptRequest(file, readScript(file, readFile), args),
    ...(processes === undefined ? {} : { processes }),
    ...(timeLimitSeconds === undefined ? {} : { timeoutSeconds: timeLimitSeconds }),
  };
  const problems = problemsOf(request);
  if (problems.length > 0) throw unusable(problems.map((problem) => `${file} can't be a job: ${problem}`));
  return request;
}

/** The request that runs a file of a source. Throws CommandError that says what can't be a job and why. */
export function sourceRequest({
  file,
  args,
  source,
  processes,
  timeLimitSeconds,
}: ScriptJob & { readonly source: NonNullable<JobRequest["source"]> }): JobRequest {
  const request: JobRequest = {
    command: [file, ...args],
    source,
    ...(processes === undefined ? {} : { processes }),
    ...(timeLimitSeconds === undefined ? {} : { timeoutSeconds: timeLimitSeconds }),
  };
  const problems = problemsOf(request);
  if (problems.length > 0) throw unusable(problems);
  return request;
}

function readScript(file: string, readFile: (path: string) => Uint8Array): string {
  const read = scriptText(readBytes(file, readFile));
  if ("problem" in read) throw unusable([`${file} can't be a job: it ${read.problem}.`]);
  return read.text;
}

function readBytes(file: string, readFile: (path: string) => Uint8Array): Uint8Array {
  try {
    return readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw unusable([code === "ENOENT" ? `${file} does not exist` : `${file} can't be read: ${message}`]);
  }
}

function problemsOf(request: JobRequest): readonly string[] {
  const tooLarge = jobBytesProblem({ ...request });
  return [...requestProblems(request), ...(tooLarge === null ? [] : [`it ${tooLarge}`])];
}
