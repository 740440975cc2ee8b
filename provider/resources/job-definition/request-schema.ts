import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";
import {
  BAD_NODE_POLICIES,
  BUSY_POLICIES,
  DEFAULT_SETUP_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RANK_FAILURE_POLICIES,
  RUNTIMES,
} from "../../../agent/contract/job-request.js";
import { DEFAULT_RETRY, RETRY_CAUSES, RETRY_LIMITS } from "../../../agent/contract/retry-policy.js";
import {
  DEFAULT_STARTING_DEADLINE_SECONDS,
  DEFAULT_TIME_ZONE,
  OVERLAP_POLICIES,
  SCHEDULE_LIMITS,
} from "../../../agent/contract/schedule-policy.js";
import {
  CREDENTIALS_NAME_PATTERN,
  S3_URI_PATTERN,
  SHA256_PATTERN,
  SHARED_PATH_PATTERN,
  SOURCE_LIMITS,
} from "../../../agent/contract/source-policy.js";
import { between, matches, oneOf } from "../../client/checks.js";
import { bool, integer, list, object, optional, required, string } from "../../core/schema.js";
import type { Check } from "../../core/types.js";

/** A duration in whole seconds, from 1 s, or from 0 s. */
export const durationUpTo =
  (maxSeconds: number, from: 0 | 1 = 1): Check<string> =>
  (text) => {
    const milliseconds = from === 0 && text === "0s" ? 0 : parseDuration(text);
    const fits = milliseconds !== null && milliseconds % 1000 === 0 && milliseconds <= maxSeconds * 1000;
    return fits
      ? null
      : `must be a duration in whole seconds, like "90s" or "1h30m", at most ${renderDuration(maxSeconds * 1000)}`;
  };
export const elements =
  (most: number): Check<readonly string[]> =>
  ({ length }) =>
    length >= 1 && length <= most ? null : `must have 1 to ${most} elements`;
const characters =
  (most: number): Check<string> =>
  ({ length }) =>
    length >= 1 && length <= most ? null : `must have 1 to ${most} characters`;
const count = (description: string) =>
  optional(integer, { description, checks: [between(1, JOB_LIMITS.processes)] });
const policy = (words: readonly string[], description: string) =>
  optional(string, { description, checks: [oneOf(words)] });
const innerPath = (description: string) =>
  optional(string, { description, checks: [characters(SOURCE_LIMITS.pathCharacters)] });
const seconds = (value: number): string => renderDuration(value * 1000);

/** Where the job's files come from. Exactly one of the four: see rules.ts. */
const source = optional(
  object({
    git: optional(
      object({
        url: required(string, {
          description:
            "https or ssh; on GitHub, GitLab and Bitbucket also the address of a branch, folder or file as a browser shows it.",
          checks: [characters(SOURCE_LIMITS.urlCharacters)],
        }),
        reference: optional(string, {
          description: "A branch, a tag or a full commit. Default: the URL's, else the default branch.",
          checks: [characters(SOURCE_LIMITS.referenceCharacters)],
        }),
        credentials: optional(string, {
          description:
            "The name of Git credentials that the cluster may use. Never a password or token itself.",
          checks: [matches(CREDENTIALS_NAME_PATTERN, "the name of Git credentials")],
        }),
      }),
      { description: "A repository, or a folder or a file in it." },
    ),
    s3: optional(
      object({
        uri: required(string, {
          description:
            "s3://bucket/key: an object, an archive (.zip, .tar, .tar.gz, .tgz) or, with a slash at its end, everything below a prefix. The bucket is in the cluster's region.",
          checks: [matches(S3_URI_PATTERN, "like s3://bucket/key"), characters(SOURCE_LIMITS.urlCharacters)],
        }),
      }),
      { description: "Objects in S3." },
    ),
    shared: optional(
      object({
        path: required(string, {
          description: "/shared, or a folder below it. The job runs in it, and nothing is copied.",
          checks: [
            matches(SHARED_PATH_PATTERN, "/shared or a folder below it"),
            characters(SOURCE_LIMITS.pathCharacters),
          ],
        }),
      }),
      { description: "A folder that is on /shared already." },
    ),
    bundle: optional(
      object({
        sha256: required(string, {
          description: "The SHA-256 of the packed folder, in hex.",
          checks: [matches(SHA256_PATTERN, "64 hexadecimal digits, in lower case")],
        }),
        bytes: required(integer, {
          description: "How many bytes it has.",
          checks: [between(1, SOURCE_LIMITS.bundleBytes)],
        }),
      }),
      { description: "A folder that `muster job run --folder` has packed and put into the log bucket." },
    ),
  }),
  {
    description:
      "Where the job's files come from, at each of its starts: exactly one of git, s3, shared and bundle. Not beside script.",
  },
);

const setup = optional(
  object({
    command: required(list(string), {
      description: "A program's path and its arguments. No shell.",
      checks: [elements(JOB_LIMITS.words)],
    }),
    timeout: optional(string, {
      description: `Its time limit on each node. Default: ${seconds(DEFAULT_SETUP_TIMEOUT_SECONDS)}.`,
      checks: [durationUpTo(JOB_LIMITS.timeoutSeconds)],
    }),
  }),
  { description: "A command that each node runs once, as the job user, before the first attempt." },
);

const retries = optional(
  object({
    count: required(integer, {
      description: `Attempts after the first one, 1 to ${RETRY_LIMITS.count}.`,
      checks: [between(1, RETRY_LIMITS.count)],
    }),
    delay: optional(string, {
      description: `The pause before each, from "0s" to "${seconds(RETRY_LIMITS.delaySeconds)}". Default: ${seconds(DEFAULT_RETRY.delaySeconds)}.`,
      checks: [durationUpTo(RETRY_LIMITS.delaySeconds, 0)],
    }),
    on: optional(list(string), {
      description: `What is tried again: ${RETRY_CAUSES.join(", ")}, or codes of an attempt's reasons. Default: node-loss.`,
      checks: [elements(RETRY_LIMITS.causes)],
    }),
  }),
  { description: "How often a job that failed is tried again. Default: not at all." },
);

/** What a request may say beside command, script, environment, processes and timeout. A change is a new revision. */
export const requestAttributes = {
  mpi: optional(bool, {
    description: "false: python runs once, on the head node, without mpiexec. Default: true.",
  }),
  source,
  working_folder: innerPath("A folder in the source, where the command starts. Default: its top."),
  requirements: innerPath(
    "A requirements.txt or pyproject.toml in the source, which is installed before the first attempt.",
  ),
  setup,
  processes_per_node: count("The number of MPI processes on each node. Default: its cores."),
  runtime: policy(
    RUNTIMES,
    'The MPI library: "mpich", or "intel", which EFA wants. Default: the cluster\'s.',
  ),
  on_rank_failure: policy(
    RANK_FAILURE_POLICIES,
    'What follows a rank that fails while others run: "abort" ends the job, "continue" does not. Default: abort.',
  ),
  on_bad_node: policy(
    BAD_NODE_POLICIES,
    'What follows a node that fails the preflight: "fail" ends the job, "continue" runs it on the others. Default: fail.',
  ),
  if_busy: policy(
    BUSY_POLICIES,
    'What follows where the cluster has another job: "queue" lets this one wait, "refuse" refuses it. Default: queue.',
  ),
  retries,
  job_timeout: optional(string, {
    description:
      "The time limit of all attempts, with the pauses between them, from the first start. Default: none.",
    checks: [durationUpTo(JOB_LIMITS.timeoutSeconds)],
  }),
};

/** When jobs of a definition start by themselves. A change is no new revision. */
export const schedule = optional(
  object({
    at: optional(string, {
      description: 'One moment in UTC, like "2027-01-31T06:00:00Z". Either this or cron.',
    }),
    cron: optional(string, {
      description: 'Five fields: minute, hour, day of month, month, day of week, like "30 6 * * 1-5".',
      checks: [characters(SCHEDULE_LIMITS.cronCharacters)],
    }),
    time_zone: optional(string, {
      description: `With cron: the time zone's IANA name, like "Europe/Berlin". Default: ${DEFAULT_TIME_ZONE}.`,
      checks: [characters(64)],
    }),
    starting_deadline: optional(string, {
      description: `A start that could not be made for longer is missed. Default: ${seconds(DEFAULT_STARTING_DEADLINE_SECONDS)}.`,
      checks: [durationUpTo(SCHEDULE_LIMITS.startingDeadlineSeconds)],
    }),
    if_running: policy(
      OVERLAP_POLICIES,
      'What a start does while an earlier job of the definition has not ended: "skip", "queue" or "replace". Default: skip.',
    ),
  }),
  { description: "When jobs of it start by themselves, beside run. Exactly one of at and cron." },
);
