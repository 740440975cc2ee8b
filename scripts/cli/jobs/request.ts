import { wordsOf } from "../../../agent/contract/command-words.js";
import { scriptRequest } from "../../../agent/contract/job.js";
import { jobBytesProblem } from "../../../agent/contract/job-command.js";
import { requestProblems } from "../../../agent/contract/job-problems.js";
import { JOB_LIMITS } from "../../../agent/contract/job-request.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { scriptText } from "../../../agent/contract/script-text.js";
import { unusable } from "../core/exit.js";

/** What a person asks to run: a Python file of this machine with its arguments, or a command; a source has the file in it. */
export interface JobParts {
  /** As typed. */
  readonly file?: string | undefined;
  readonly args?: readonly string[];
  /** What follows python, as one text. */
  readonly command?: string | undefined;
  readonly fields?: Omit<JobRequest, "command" | "script">;
}

/**
 * The request that runs it; a file's text is part of it. Throws CommandError that says what can't be part of a job and why. `optionOf`:
 * how a field is given, for messages.
 */
export function requestFor(
  parts: JobParts,
  readFile: (path: string) => Uint8Array,
  optionOf: Readonly<Record<string, string>> = {},
): JobRequest {
  const request: JobRequest = { ...whatFor(parts, readFile), ...parts.fields };
  const what = parts.file ?? "the command";
  const problems = problemsOf(request).map((problem) => inOptions(problem, optionOf));
  if (problems.length > 0) throw unusable(problems.map((problem) => `${what} can't be a job: ${problem}`));
  return request;
}

function whatFor(
  { file, args = [], command, fields = {} }: JobParts,
  readFile: (path: string) => Uint8Array,
): Pick<JobRequest, "command" | "script"> {
  if (file !== undefined && fields.source !== undefined) return { command: [file, ...args] };
  if (file !== undefined) return scriptRequest(file, readScript(file, readFile), args);
  const split = wordsOf(command ?? "");
  if ("words" in split) return { command: split.words };
  throw unusable([`--command: ${JSON.stringify(command)} ${split.problem}`]);
}

/** A problem's place as the person gave it: `retries.on.0` is --retry-on. */
function inOptions(problem: string, optionOf: Readonly<Record<string, string>>): string {
  const [, place = "", rest = ""] = /^([\w.]+)(?=:)(.*)$/s.exec(problem) ?? [];
  const steps = place.split(".");
  for (let length = steps.length; length > 0; length -= 1) {
    const option = optionOf[steps.slice(0, length).join(".")];
    // A variable is named, and a word of a command.
    const inner = steps.slice(length).filter((step) => !/^\d+$/.test(step));
    if (option !== undefined) return `${[option, ...inner].join(" ")}${rest}`;
  }
  return problem;
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
    if (code === "ENOENT") throw unusable([`${file} does not exist`]);
    if (code === "EISDIR")
      throw unusable([`${file} is a folder: give --folder ${file}, and the file in it that runs`]);
    if (code === "ERR_FS_FILE_TOO_LARGE")
      throw unusable([
        `${file} can't be a job: ${message}, and a job's script at most ${JOB_LIMITS.scriptCharacters} characters. Give its folder with --folder, or put it on /shared`,
      ]);
    throw unusable([`${file} can't be read: ${message}`]);
  }
}

function problemsOf(request: JobRequest): readonly string[] {
  const tooLarge = jobBytesProblem({ ...request });
  return [...requestProblems(request), ...(tooLarge === null ? [] : [`it ${tooLarge}`])];
}
