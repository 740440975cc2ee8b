import { type Static, Type } from "@sinclair/typebox";
import { Code, enumOf, Nullable, TextByName, Time } from "./item-fields.js";
import { RUN_POLICIES, type RunPolicy } from "./job-request.js";
import { JobRequest } from "./job-request-schema.js";
import { JobSchedule } from "./job-schedule.js";
import {
  JOB_PHASES,
  JOB_STATUSES,
  type JobPhase,
  type JobStatus,
  LOG_STATES,
  type LogState,
} from "./job-state.js";
import { JobUsage } from "./job-usage.js";
import type { JobReasonCode } from "./reasons.js";

export { JobEnvironment, JobRequest } from "./job-request-schema.js";

/** Where a job's log is. `uri` is its manifest's: see LogManifest. `sha256` is hex, over all `bytes` bytes of its `parts` parts. */
export const JobLog = Type.Object({
  uri: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  parts: Type.Integer(),
});
export type JobLog = Static<typeof JobLog>;

/** The definition, as it was at `revision`, that a job was submitted from. The id distinguishes two that had the same name. */
const DefinitionReference = Type.Object({ id: Type.String(), name: Type.String(), revision: Type.Integer() });
export type DefinitionReference = Static<typeof DefinitionReference>;

/** When each phase of the attempt began; `queued` or `retrying` is the wait before it. */
const PhaseTimes = Type.Unsafe<Partial<Record<JobPhase, string>>>(
  Type.Partial(Type.Record(Type.Union(JOB_PHASES.map((phase) => Type.Literal(phase))), Time)),
);

/** The node that a job's mpiexec was started on. */
const LaunchNode = Type.Object({ instanceId: Type.String(), address: Type.String() });
export type LaunchNode = Static<typeof LaunchNode>;

/** The one node that a job's end is due to. The id is missing where the head does not know it any more. */
const FailedNode = Type.Object(
  { address: Type.String(), instanceId: Type.Optional(Type.String()) },
  { description: "the one node that the end is due to; null: none, or several" },
);
export type FailedNode = Static<typeof FailedNode>;
/** Why a running job is to be cancelled: its reason once it is. */
const CancelBecause = Type.Object({
  reasonCode: Type.Unsafe<JobReasonCode>(Type.String()),
  reason: Type.String(),
});

/** A node that the job runs without, as its preflight found it bad. */
const LeftOutNode = Type.Object({
  address: Type.String(),
  instanceId: Type.Optional(Type.String()),
  reasonCode: Code<JobReasonCode>(),
});
export type LeftOutNode = Static<typeof LeftOutNode>;
/** At most as many are listed: a job's item must stay small. */
export const MAX_LEFT_OUT = 64;

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
  failedNode: Nullable(FailedNode),
  leftOut: Type.Array(LeftOutNode, { description: `nodes that it runs without; ${MAX_LEFT_OUT} at most` }),
  submittedBy: Nullable(
    Type.String({
      description:
        "the caller's ARN, token:<role>, or schedule:<definition>; null: an item from before it was kept",
    }),
  ),
  submittedAt: Time,
  slot: Nullable(Type.String({ description: "the moment of its definition's schedule that it is for" })),
  sourceVersion: Nullable(
    Type.String({ description: "the commit, the object's version or the packed folder's sha256 that runs" }),
  ),
  /** Missing: the source's top. */
  sourceFolder: Type.Optional(Type.String({ description: "the folder in the source that its URL names" })),
  retryAt: Nullable(Type.String({ description: "when the next attempt begins, while it waits for it" })),
  claimedAt: Nullable(
    Type.String({ description: "when a head first took it, from when the whole job's time counts" }),
  ),
  attempt: Nullable(
    Type.Integer({
      description: "number of the current or last attempt, from 1; null until a head takes the job",
    }),
  ),
  phaseTimes: PhaseTimes,
  startedAt: Nullable(Time),
  endedAt: Nullable(Time),
  /** Where mpiexec runs, even if another node is head now; null until it is launching. */
  launchedOn: Nullable(LaunchNode),
  ranks: Nullable(Type.Integer({ description: "processes to start; null until it is launching" })),
  usage: Nullable(JobUsage),
  exitCode: Nullable(Type.Integer({ description: "mpiexec's; null if it did not end by itself" })),
  lastLines: Type.Array(Type.String(), {
    description: "the output's last 20 lines at most, when it has ended",
  }),
  logPrefix: Nullable(
    Type.String({
      description:
        "s3:// URI below which its log's parts are stored while it runs; null until it is launching",
    }),
  ),
  log: Nullable(JobLog),
  logState: enumOf<LogState>(LOG_STATES),
  logReasonCode: Code<JobReasonCode>(),
  logReason: Nullable(
    Type.String({ description: "why the log is still pending, after a try that failed, or lost" }),
  ),
  cancelRequested: Type.Boolean({ description: "set to request a cancel; the head then cancels the job" }),
  /** Missing: a person or a program asked for the cancel. */
  cancelBecause: Type.Optional(CancelBecause),
  leaseGeneration: Type.Integer({ description: "of the head that runs it; 0 while NEW" }),
});
export type JobItem = Static<typeof JobItem>;

/**
 * `JOBDEF#<name>`: a job definition. Written by muster_job_definition alone; the head reads it for its schedule. Each
 * change of what it runs is a new revision, under the condition that the revision is still the one before.
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
  schedule: Type.Optional(JobSchedule),
  createdAt: Time,
  updatedAt: Time,
});
export type JobDefinitionItem = Static<typeof JobDefinitionItem>;
