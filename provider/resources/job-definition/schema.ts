import { renderDuration } from "../../../agent/contract/duration.js";
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
import { durationUpTo, elements, requestAttributes, schedule } from "./request-schema.js";

/** Time beyond the job's own: for its place in the queue, and for its log's upload. */
export const FOLLOW_SLACK_MS = 1_800_000;
export const DEFAULT_DELETE_TIMEOUT = "5m";
const MAX_TIMEOUT = renderDuration(JOB_LIMITS.timeoutSeconds * 1000);

/** What a definition runs: a change of any of these is a new revision, and with it a new job. */
const CONTENT = [
  "command",
  "script",
  "environment",
  "processes",
  "timeout",
  "triggers",
  ...Object.keys(requestAttributes),
];
/** The same, and also an unknown revision, which an unfinished apply leaves. */
const REVISED = [...CONTENT, "revision"];
const NO_JOB = "Null until there is one.";

const scriptLength: Check<string> = ({ length }) =>
  length <= JOB_LIMITS.scriptCharacters
    ? null
    : `has ${length} characters, and must have at most ${JOB_LIMITS.scriptCharacters}: put it on /shared instead`;

const wait = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long to wait for ${what}, like "2h". Default: ${otherwise}.`,
    checks: [isDuration],
  });
const JOBS_TIME =
  "the time limits of all its attempts with the pauses between them, or job_timeout, and 30m more for its place in the queue and for its log";

/** `muster_job_definition`: what is kept in the cluster's registry, and submitted as a job when what it runs changes. */
export const jobDefinitionSchema = {
  version: 0,
  description:
    "A job definition on a cluster; its jobs run mpiexec -n PROCESSES python COMMAND. Apply submits a job when the definition is created and when what it runs changes. Apply follows the job; if the job fails, apply fails with its reason and its last lines, and the next apply submits another job. If an apply was interrupted or an update timed out while the job still runs, the next apply follows that job and does not submit it twice; the plan then shows the revision as a change. A create that times out is destroyed and created again, like any failed create in Terraform: set timeouts.create if a job may wait long. Destroying the definition cancels its jobs.",
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
        "The arguments of python, without python itself: a script's name or path and its arguments, or -c / -m ... It starts in the job's own folder.",
      checks: [elements(JOB_LIMITS.words)],
    }),
    script: optional(
      object({
        name: required(string, {
          description: 'Its file name, e.g. "pi.py". One element of command must be this name.',
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
        description: "Python source that is part of the job. Without it, command names a file on /shared.",
      },
    ),
    environment: optional(map(string), {
      description:
        "Environment variables of its processes. Not for secrets: they are readable in the state and in the registry.",
    }),
    processes: optional(integer, {
      description: "The number of MPI processes. Default: every core of the cluster.",
      checks: [between(1, JOB_LIMITS.processes)],
    }),
    timeout: withDefault(string, renderDuration(DEFAULT_JOB_TIMEOUT_SECONDS * 1000), {
      description: `The time limit of each attempt, from "1s" to "${MAX_TIMEOUT}".`,
      checks: [durationUpTo(JOB_LIMITS.timeoutSeconds)],
    }),
    ...requestAttributes,
    triggers: optional(map(string), {
      description: "Any values. A change of them submits another job.",
    }),
    run: withDefault(string, "on_change", {
      description:
        'When it runs. "on_change": in each apply that creates it or changes what it runs. "manual": only by hand, with `muster job run --definition NAME`.',
      checks: [oneOf(RUN_POLICIES)],
    }),
    schedule,
    wait: withDefault(bool, true, {
      description:
        "true: apply waits for the job's end, and fails if the job fails. false: apply only submits the job.",
    }),
    dedicated: optional(bool, {
      description:
        'true: the cluster is made for this definition\'s job. When that has ended, the cluster parks, and `muster reap` removes it. Only with run = "on_change", and for one definition of a cluster. Default: false.',
    }),
    id: computed(string, { description: "cluster_uuid/name", changesWith: [] }),
    owner: computed(string, {
      description:
        "A random token that marks the definition in the registry as this resource's. Null after an import, until the next apply takes it over.",
      changesWith: [],
    }),
    revision: computed(integer, {
      description:
        "A number from 1, which grows with each change of what it runs and with each repetition of a failed job. Null after an unfinished apply, until the next apply continues it.",
      changesWith: CONTENT,
    }),
    job_id: computed(string, {
      description:
        "The id of this revision's job: the one that apply submitted, else the latest that was submitted by hand. Null until there is one.",
      changesWith: REVISED,
    }),
    job_submitted_at: computed(string, {
      description: `When that job was submitted; ISO 8601, UTC. ${NO_JOB}`,
      changesWith: REVISED,
    }),
    job_status: computed(string, {
      description: `Its status when last refreshed: NEW, INPROGRESS, FINISHED, FAILED or CANCELLED. ${NO_JOB}`,
    }),
    job_phase: computed(string, { description: `More detail than the status. ${NO_JOB}` }),
    job_reason_code: computed(string, {
      description: "The code of the reason, of the list of reason codes; null where there is no reason.",
    }),
    job_reason: computed(string, { description: "Why the job FAILED or was CANCELLED; null otherwise." }),
    job_exit_code: computed(integer, {
      description: "mpiexec's exit code; null if it did not end by itself.",
    }),
    job_log_uri: computed(string, {
      description:
        "The S3 URI of the job's log; null until the log is there. This may be after the job's end: the upload is retried until it succeeds.",
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
