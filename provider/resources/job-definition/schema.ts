import { parseDuration, renderDuration } from "../../../agent/contract/duration.js";
import {
  DEFAULT_JOB_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RUN_POLICIES,
  SCRIPT_NAME_PATTERN,
} from "../../../agent/contract/job-request.js";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { between, isClusterUuid, matches, NAME_MEANING, oneOf } from "../../client/checks.js";
import { isDuration } from "../../core/duration-check.js";
import {
  bool,
  computed,
  integer,
  list,
  map,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Check, Schema } from "../../core/types.js";

/** What follows a job's own time: its place in the queue, and its log's way to the bucket. */
export const FOLLOW_SLACK_MS = 1_800_000;
export const DEFAULT_DELETE_TIMEOUT = "5m";
const MAX_TIMEOUT_MS = JOB_LIMITS.timeoutSeconds * 1000;

/** What a definition runs: a change of any of these is a new revision, and with it a new job. */
const CONTENT = ["command", "script", "environment", "processes", "timeout", "triggers"];
/** And of an unknown revision, as an apply that did not come to its end leaves it. */
const REVISED = [...CONTENT, "revision"];
const NO_JOB = "Null until there is one.";

const isJobTimeout: Check<string> = (text) => {
  const milliseconds = parseDuration(text);
  const fits = milliseconds !== null && milliseconds % 1000 === 0 && milliseconds <= MAX_TIMEOUT_MS;
  return fits
    ? null
    : `must be a duration in whole seconds, like "90s" or "1h30m", at most ${renderDuration(MAX_TIMEOUT_MS)}`;
};
const wordCount: Check<readonly string[]> = ({ length }) =>
  length >= 1 && length <= JOB_LIMITS.words ? null : `must have 1 to ${JOB_LIMITS.words} elements`;
const scriptLength: Check<string> = ({ length }) =>
  length <= JOB_LIMITS.scriptCharacters
    ? null
    : `has ${length} characters, and must have at most ${JOB_LIMITS.scriptCharacters}: put it on /shared instead`;

const wait = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long to wait for ${what}, like "2h". Default: ${otherwise}.`,
    checks: [isDuration],
  });
const JOBS_TIME = "the definition's timeout and 30m more, for its place in the queue and for its log";

/** `muster_job_definition`: what is kept in the cluster's registry, and submitted as a job when what it runs changes. */
export const jobDefinitionSchema = {
  version: 0,
  description:
    "A job definition: what a cluster keeps to be run, by mpiexec -n PROCESSES python COMMAND. It is submitted as a job when it is made and when what it runs changes. Apply follows the job and fails with its reason and its last lines; the next apply submits another. A job that is only not followed any more, because an apply was interrupted or an update's time was up, is taken up by the next apply and never submitted twice: the plan then shows the revision as a change. A create whose time is up is destroyed and made again, as any failed create in Terraform: give timeouts.create where a job may wait long. Destroying cancels the definition's jobs.",
  attributes: {
    cluster_uuid: required(string, {
      description:
        "The cluster's UUID. Let the job definition depend on the cluster's muster_fleet (depends_on), so that there are nodes. A change replaces the definition.",
      replaces: true,
      checks: [isClusterUuid],
    }),
    name: required(string, {
      description: "The definition's name, unique in its cluster. A change replaces the definition.",
      replaces: true,
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    command: required(list(string), {
      description:
        "python's arguments, without python itself: a script's name or path and its arguments, or -c / -m ... It starts in a folder of its own on /shared.",
      checks: [wordCount],
    }),
    script: optional(
      object({
        name: required(string, {
          description: 'Its file name, e.g. "pi.py"; one element of command is the same.',
          checks: [
            matches(
              SCRIPT_NAME_PATTERN,
              "a file name of 1-100 letters, digits, dots, hyphens and underscores",
            ),
          ],
        }),
        content: required(string, {
          description: `Its text, at most ${JOB_LIMITS.scriptCharacters} characters, e.g. from file().`,
          checks: [scriptLength],
        }),
      }),
      {
        description: "Python source that travels with the job. Without it, command names what is on /shared.",
      },
    ),
    environment: optional(map(string), {
      description:
        "Environment variables of its processes. Not for secrets: they are readable in the state and in the registry.",
    }),
    processes: optional(integer, {
      description: "How many MPI processes. Default: every core of the cluster.",
      checks: [between(1, JOB_LIMITS.processes)],
    }),
    timeout: withDefault(string, renderDuration(DEFAULT_JOB_TIMEOUT_SECONDS * 1000), {
      description: `How long a job may take before it is ended, from "1s" to "${renderDuration(MAX_TIMEOUT_MS)}".`,
      checks: [isJobTimeout],
    }),
    triggers: optional(map(string), {
      description: "Any values; a change of them submits another job.",
    }),
    run: withDefault(string, "on_change", {
      description:
        'When it is run. "on_change": by each apply that makes it or changes what it runs. "manual": only by hand, with `muster job run --definition NAME`.',
      checks: [oneOf(RUN_POLICIES)],
    }),
    wait: withDefault(bool, true, {
      description:
        "Whether apply follows the job to its end, and fails when it fails. false: it only submits it.",
    }),
    id: computed(string, { description: "cluster_uuid/name", changesWith: [] }),
    owner: computed(string, {
      description:
        "Random: marks the definition in the registry as this resource's. Null after an import, until the next apply takes it over.",
      changesWith: [],
    }),
    revision: computed(integer, {
      description:
        "From 1; one more for each change of what it runs, and for each time that a failed job is repeated. Null while an apply that did not come to its end is to be taken up by the next one.",
      changesWith: CONTENT,
    }),
    job_id: computed(string, {
      description:
        "The job of this revision: apply's own, else the latest that was submitted by hand. Null until there is one.",
      changesWith: REVISED,
    }),
    job_submitted_at: computed(string, {
      description: `When that job was submitted; ISO 8601, UTC. ${NO_JOB}`,
      changesWith: REVISED,
    }),
    job_status: computed(string, {
      description: `Its status when last refreshed: NEW, INPROGRESS, FINISHED, FAILED or CANCELLED. ${NO_JOB}`,
    }),
    job_phase: computed(string, { description: `Finer than the status. ${NO_JOB}` }),
    job_reason_code: computed(string, {
      description: "The code of the reason, of the list of reason codes; null where there is no reason.",
    }),
    job_reason: computed(string, { description: "Why the job FAILED or was CANCELLED; null otherwise." }),
    job_exit_code: computed(integer, { description: "mpiexec's; null where it did not end by itself." }),
    job_log_uri: computed(string, {
      description:
        "Where the job's log is in S3; null until it is there, which may be after the job's end: a bucket that is away is tried until it takes the log.",
    }),
    job_started_at: computed(string, {
      description: "When its processes were started; null while it waits.",
    }),
    job_ended_at: computed(string, { description: "When the job ended; null until then." }),
  },
  blocks: {
    timeouts: object({
      create: wait("the job when the definition is made", JOBS_TIME),
      update: wait("the job when the definition is changed", JOBS_TIME),
      delete: wait("its jobs to be cancelled", DEFAULT_DELETE_TIMEOUT),
    }),
  },
} as const satisfies Schema;
