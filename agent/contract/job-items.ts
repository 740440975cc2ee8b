import { type Static, Type } from "@sinclair/typebox";
import { Code, enumOf, Nullable, TextByName, Time } from "./item-fields.js";
import {
  DEFAULT_JOB_TIMEOUT_SECONDS,
  JOB_LIMITS,
  RUN_POLICIES,
  type RunPolicy,
  SCRIPT_NAME_PATTERN,
  VARIABLE_NAME_PATTERN,
} from "./job-request.js";
import {
  JOB_PHASES,
  JOB_STATUSES,
  type JobPhase,
  type JobStatus,
  LOG_STATES,
  type LogState,
} from "./job-state.js";
import type { JobReasonCode } from "./reasons.js";

/** Environment variables of a job's processes. */
export const JobEnvironment = Type.Record(
  Type.String({ pattern: VARIABLE_NAME_PATTERN }),
  Type.String({ maxLength: JOB_LIMITS.variableCharacters }),
  { maxProperties: JOB_LIMITS.variables, additionalProperties: false },
);

/** Python source inside the job itself; the head writes it to the job's folder before the job starts. */
const InlineScript = Type.Object(
  {
    name: Type.String({ pattern: SCRIPT_NAME_PATTERN, description: "file name, e.g. pi.py" }),
    content: Type.String({ maxLength: JOB_LIMITS.scriptCharacters }),
  },
  { additionalProperties: false },
);

/** A submitter's request. `mpiexec -n <processes> python <command...>` runs in the job's folder on /shared. */
export const JobRequest = Type.Object(
  {
    command: Type.Array(Type.String({ minLength: 1, maxLength: JOB_LIMITS.wordCharacters }), {
      minItems: 1,
      maxItems: JOB_LIMITS.words,
      description: "python's arguments: a script's path and its arguments, or -c / -m ...",
    }),
    script: Type.Optional(InlineScript),
    environment: Type.Optional(JobEnvironment),
    processes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: JOB_LIMITS.processes, description: "default: every core" }),
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: JOB_LIMITS.timeoutSeconds,
        description: `default ${DEFAULT_JOB_TIMEOUT_SECONDS}`,
      }),
    ),
  },
  { additionalProperties: false },
);
export type JobRequest = Static<typeof JobRequest>;

/** Where a job's log is. `sha256` is hex, over `bytes` bytes, as delivered. */
export const JobLog = Type.Object({ uri: Type.String(), bytes: Type.Integer(), sha256: Type.String() });
export type JobLog = Static<typeof JobLog>;

/** The definition, as it was at `revision`, that a job was submitted from. The id distinguishes two that had the same name. */
const DefinitionReference = Type.Object({ id: Type.String(), name: Type.String(), revision: Type.Integer() });
export type DefinitionReference = Static<typeof DefinitionReference>;

/** The node that a job's mpiexec was started on. */
const LaunchNode = Type.Object({ instanceId: Type.String(), address: Type.String() });
export type LaunchNode = Static<typeof LaunchNode>;

/**
 * `JOB#<id>`. Submitted by anyone with write access to the table or over HTTP; run by the head. It has the facts of its current
 * or last attempt; each attempt has a record of its own beside it: see AttemptItem.
 */
export const JobItem = Type.Object({
  id: Type.String(),
  clusterUuid: Type.String(),
  idempotencyKey: Type.String(),
  definition: Type.Optional(DefinitionReference),
  request: JobRequest,
  status: enumOf<JobStatus>(JOB_STATUSES),
  phase: enumOf<JobPhase>(JOB_PHASES),
  reasonCode: Code<JobReasonCode>(),
  reason: Nullable(Type.String({ description: "why it FAILED or was CANCELLED" })),
  submittedAt: Time,
  attempt: Nullable(
    Type.Integer({
      description: "number of the current or last attempt, from 1; null until it is launching",
    }),
  ),
  startedAt: Nullable(Time),
  endedAt: Nullable(Time),
  /** Where mpiexec runs, even if another node is head now; null until it is launching. */
  launchedOn: Nullable(LaunchNode),
  ranks: Nullable(Type.Integer({ description: "processes to start; null until it is launching" })),
  exitCode: Nullable(Type.Integer({ description: "mpiexec's; null if it did not end by itself" })),
  lastLines: Type.Array(Type.String(), {
    description: "the output's last 20 lines at most, when it has ended",
  }),
  log: Nullable(JobLog),
  logState: enumOf<LogState>(LOG_STATES),
  logReasonCode: Code<JobReasonCode>(),
  logReason: Nullable(
    Type.String({ description: "why the log is still pending, after a try that failed, or lost" }),
  ),
  cancelRequested: Type.Boolean({ description: "set to request a cancel; the head then cancels the job" }),
  leaseGeneration: Type.Integer({ description: "of the head that runs it; 0 while NEW" }),
});
export type JobItem = Static<typeof JobItem>;

/**
 * `JOBDEF#<name>`: a job definition. Written by muster_job_definition alone; a head never reads it. Each change
 * of what it runs is a new revision, under the condition that the revision is still the one before.
 */
export const JobDefinitionItem = Type.Object({
  id: Type.String({ description: "random, for good: its jobs' idempotency keys are derived from it" }),
  owner: Type.Optional(
    Type.String({
      description: "random: the muster_job_definition that has it in its state may change and delete it",
    }),
  ),
  clusterUuid: Type.String(),
  name: Type.String(),
  revision: Type.Integer({ description: "from 1" }),
  request: JobRequest,
  triggers: TextByName,
  run: enumOf<RunPolicy>(RUN_POLICIES),
  createdAt: Time,
  updatedAt: Time,
});
export type JobDefinitionItem = Static<typeof JobDefinitionItem>;
