import { type Command, Option } from "commander";
import { wordsOf } from "../../../agent/contract/command-words.js";
import {
  BAD_NODE_POLICIES,
  type BadNodePolicy,
  BUSY_POLICIES,
  type BusyPolicy,
  DEFAULT_JOB_TIMEOUT_SECONDS,
  DEFAULT_SETUP_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RANK_FAILURE_POLICIES,
  type RankFailurePolicy,
  RUNTIMES,
  type Runtime,
  variableProblem,
} from "../../../agent/contract/job-request.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { DEFAULT_RETRY, RETRY_CAUSES, RETRY_LIMITS } from "../../../agent/contract/retry-policy.js";
import type { World } from "../core/world.js";
import { countOption, secondsOption } from "./context.js";

/** What a job may be given beside its command and its source. Times are in seconds. */
export interface RequestOptions {
  readonly environment?: readonly string[];
  readonly workingFolder?: string;
  readonly requirements?: string;
  readonly setup?: string;
  readonly setupTimeLimit?: number;
  /** False with --no-mpi; true also where nothing was said. */
  readonly mpi?: boolean;
  readonly processes?: number;
  readonly processesPerNode?: number;
  readonly runtime?: Runtime;
  readonly onRankFailure?: RankFailurePolicy;
  readonly onBadNode?: BadNodePolicy;
  readonly ifBusy?: BusyPolicy;
  readonly retries?: number;
  readonly retryDelay?: number;
  readonly retryOn?: readonly string[];
  readonly timeLimit?: number;
  readonly jobTimeLimit?: number;
}

const hours = (seconds: number): string => `${seconds / 3600}h`;
const UP_TO = { most: JOB_LIMITS.timeoutSeconds };
const LONGEST = `at most ${hours(UP_TO.most)}`;
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const policy = (flags: string, words: readonly string[], description: string): Option =>
  new Option(flags, description).choices(words);

const OPTIONS: readonly (() => Option)[] = [
  () =>
    new Option(
      "--environment <name=value>",
      "a variable of every process, in plain text; NAME alone takes this shell's value; repeatable",
    ).argParser(repeated),
  () => new Option("--working-folder <path>", "a folder in the source, where the command starts"),
  () =>
    new Option(
      "--requirements <path>",
      "a requirements.txt or pyproject.toml in the source, to install first",
    ),
  () => new Option("--setup <command>", "a command that each node runs once before the first attempt"),
  () =>
    secondsOption(
      "--setup-time-limit <time>",
      `of the set-up; default: ${DEFAULT_SETUP_TIMEOUT_SECONDS / 60}m`,
      UP_TO,
    ),
  () => new Option("--no-mpi", "run python once, on the head node, without mpiexec"),
  () => countOption("--processes <count>", "MPI processes; default: every core", JOB_LIMITS.processes),
  () =>
    countOption(
      "--processes-per-node <count>",
      "MPI processes on each node; default: its cores",
      JOB_LIMITS.processes,
    ),
  () => policy("--runtime <runtime>", RUNTIMES, "the MPI library; default: the cluster's"),
  () =>
    policy(
      "--on-rank-failure <policy>",
      RANK_FAILURE_POLICIES,
      "what follows a rank that fails; default: abort",
    ),
  () =>
    policy(
      "--on-bad-node <policy>",
      BAD_NODE_POLICIES,
      "what follows a node that fails the preflight; default: fail",
    ),
  () =>
    policy(
      "--if-busy <policy>",
      BUSY_POLICIES,
      "what follows where the cluster has another job; default: queue",
    ),
  () => countOption("--retries <count>", "attempts after the first one; default: none", RETRY_LIMITS.count),
  () =>
    secondsOption("--retry-delay <time>", `before each; default: ${DEFAULT_RETRY.delaySeconds}s`, {
      from: 0,
      most: RETRY_LIMITS.delaySeconds,
    }),
  () =>
    new Option(
      "--retry-on <cause>",
      `${RETRY_CAUSES.join(", ")}, or the code of an attempt's reason; default: node-loss; repeatable`,
    ).argParser(repeated),
  () =>
    secondsOption(
      "--time-limit <time>",
      `an attempt fails when it runs longer than this; default: ${hours(DEFAULT_JOB_TIMEOUT_SECONDS)}, ${LONGEST}`,
      UP_TO,
    ),
  () =>
    secondsOption(
      "--job-time-limit <time>",
      `of all attempts, with the pauses between them; ${LONGEST}`,
      UP_TO,
    ),
];

/** Adds the options. */
export function withRequest(command: Command): Command {
  for (const option of OPTIONS) command.addOption(option());
  return command;
}

/** The options' fields of a request, and what is wrong with them beside the contract's rules. */
export function readRequest(
  options: RequestOptions,
  { env }: Pick<World, "env">,
): { readonly fields: Omit<JobRequest, "command">; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const environment = readEnvironment(options.environment ?? [], env, problems);
  const setup = readSetup(options, problems);
  const retries = readRetries(options, problems);
  const fields = {
    ...(options.mpi === false ? { mpi: false } : {}),
    workingFolder: options.workingFolder,
    requirements: options.requirements,
    setup,
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    processes: options.processes,
    processesPerNode: options.processesPerNode,
    runtime: options.runtime,
    onRankFailure: options.onRankFailure,
    onBadNode: options.onBadNode,
    ifBusy: options.ifBusy,
    retries,
    timeoutSeconds: options.timeLimit,
    jobTimeoutSeconds: options.jobTimeLimit,
  };
  return { fields: withoutUndefined(fields), problems };
}

/** Values are never part of a problem: people put secrets into variables although they should not. */
function readEnvironment(
  given: readonly string[],
  env: World["env"],
  problems: string[],
): Record<string, string> {
  const variables: Record<string, string> = Object.create(null);
  for (const text of given) {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    const value = at < 0 ? env[name] : text.slice(at + 1);
    const shown = JSON.stringify(name.slice(0, 60));
    const problem =
      value === undefined ? "is not set in this shell; write NAME=VALUE" : variableProblem(name, value);
    if (problem !== null) problems.push(`--environment: ${shown} ${problem}`);
    else if (Object.hasOwn(variables, name)) problems.push(`--environment: ${shown} is given twice`);
    else if (value !== undefined) variables[name] = value;
  }
  return { ...variables };
}

function readSetup({ setup, setupTimeLimit }: RequestOptions, problems: string[]): JobRequest["setup"] {
  if (setup === undefined) {
    if (setupTimeLimit !== undefined) problems.push("--setup-time-limit: is of --setup, which is not given");
    return undefined;
  }
  const split = wordsOf(setup);
  if ("words" in split)
    return {
      command: split.words,
      ...(setupTimeLimit === undefined ? {} : { timeoutSeconds: setupTimeLimit }),
    };
  problems.push(`--setup: ${JSON.stringify(setup)} ${split.problem}`);
  return undefined;
}

function readRetries(
  { retries, retryDelay, retryOn }: RequestOptions,
  problems: string[],
): JobRequest["retries"] {
  if (retries !== undefined) {
    return withoutUndefined({ count: retries, delaySeconds: retryDelay, on: retryOn && [...retryOn] });
  }
  if (retryDelay !== undefined) problems.push("--retry-delay: is of --retries, which is not given");
  if (retryOn !== undefined) problems.push("--retry-on: is of --retries, which is not given");
  return undefined;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

const withoutUndefined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

/** The option that says a field of a request: what is wrong with the field is shown as the option's. */
export const OPTION_OF: Readonly<Record<string, string>> = {
  command: "--command",
  "source.git.url": "--git",
  "source.git.reference": "--reference",
  "source.git.credentials": "--credentials",
  "source.s3.uri": "--s3",
  "source.shared.path": "--shared",
  "source.bundle.sha256": "--folder",
  environment: "--environment",
  workingFolder: "--working-folder",
  requirements: "--requirements",
  "setup.command": "--setup",
  "setup.timeoutSeconds": "--setup-time-limit",
  mpi: "--no-mpi",
  processes: "--processes",
  processesPerNode: "--processes-per-node",
  runtime: "--runtime",
  onRankFailure: "--on-rank-failure",
  onBadNode: "--on-bad-node",
  ifBusy: "--if-busy",
  "retries.count": "--retries",
  "retries.delaySeconds": "--retry-delay",
  "retries.on": "--retry-on",
  timeoutSeconds: "--time-limit",
  jobTimeoutSeconds: "--job-time-limit",
};
