import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_JOB_TIMEOUT_SECONDS, JOB_LIMITS } from "../../../agent/contract/job-request.js";
import { unusable } from "../core/exit.js";
import type { World } from "../core/world.js";
import { requestFor, sourceRequest } from "../jobs/request.js";
import type { Runnable } from "../jobs/submit.js";
import { secondsOption } from "./context.js";
import { readSource, type SourceOptions, withSource } from "./source-options.js";

/** What `run` and `submit` accept besides the place. */
export interface RunnableOptions extends SourceOptions {
  readonly definition?: string;
  readonly idempotencyKey?: string;
  readonly processes?: number;
  readonly timeLimit?: number;
}

/** FILE and its arguments, or --definition. Everything after FILE is the script's, even if it looks like an option. */
export const withRunnable = (command: Command): Command =>
  withSource(command)
    .argument("[file]", "a Python file on this machine, whose text is part of the job; or one in the source")
    .argument("[args...]", "the file's arguments")
    .passThroughOptions()
    .option("--definition <name>", "instead of a file: a job definition that the cluster keeps, as it is now")
    .addOption(
      new Option(
        "--idempotency-key <key>",
        "a repeated key follows the existing job instead of submitting another; in a pipeline, use the run's id",
      ).argParser((text) => {
        if (text.length >= 1 && text.length <= JOB_LIMITS.idempotencyKeyCharacters) return text;
        throw new InvalidArgumentError(`Give 1 to ${JOB_LIMITS.idempotencyKeyCharacters} characters.`);
      }),
    )
    .addOption(
      new Option("--processes <count>", "MPI processes; default: every core").argParser((text) => {
        const count = Number(text);
        if (/^[1-9][0-9]*$/.test(text) && count <= JOB_LIMITS.processes) return count;
        throw new InvalidArgumentError(`Give a whole number from 1 to ${JOB_LIMITS.processes}.`);
      }),
    )
    .addOption(
      secondsOption(
        "--time-limit <time>",
        `the job fails when it runs longer than this; default: ${DEFAULT_JOB_TIMEOUT_SECONDS / 3600}h, at most ${JOB_LIMITS.timeoutSeconds / 3600}h`,
      ),
    );

/** What to run. Throws CommandError with every problem. */
export async function readRunnable(
  options: RunnableOptions,
  [file, ...args]: readonly string[],
  world: Pick<World, "readFile" | "listFolder">,
): Promise<Runnable> {
  const problems = runnableProblems(options, file);
  if (problems.length > 0) throw unusable(problems);
  const { definition, processes, timeLimit } = options;
  if (definition !== undefined) return { definition };
  const limits = {
    ...(processes === undefined ? {} : { processes }),
    ...(timeLimit === undefined ? {} : { timeLimitSeconds: timeLimit }),
  };
  const read = await readSource(options, world);
  if (read === null) return { request: requestFor({ file: file ?? "", args, ...limits }, world.readFile) };
  const { source, upload } = read;
  const request = sourceRequest({ file: file ?? "", args, source, ...limits });
  return upload === undefined ? { request } : { request, upload };
}

function runnableProblems(options: RunnableOptions, file: string | undefined): readonly string[] {
  const { definition, processes, timeLimit } = options;
  const isTooLong = timeLimit !== undefined && timeLimit > JOB_LIMITS.timeoutSeconds;
  const long = isTooLong
    ? [`--time-limit is ${timeLimit} s; the maximum is ${JOB_LIMITS.timeoutSeconds / 3600}h`]
    : [];
  if (definition === undefined) {
    return file === undefined
      ? ["the Python file is missing: give FILE, or --definition NAME", ...long]
      : long;
  }
  return [
    ...(file === undefined ? [] : [`${file}: give either FILE or --definition, not both`]),
    ...(["git", "s3", "folder", "shared"] as const)
      .filter((kind) => options[kind] !== undefined)
      .map((kind) => `--${kind} needs a FILE: a definition has its own source`),
    ...(processes === undefined && timeLimit === undefined
      ? []
      : ["--processes and --time-limit need a FILE: a definition has its own"]),
  ];
}
