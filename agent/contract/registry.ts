import { type Static, Type } from "@sinclair/typebox";
import { CLUSTER_PHASES, CLUSTER_STATUSES, type ClusterPhase, type ClusterStatus } from "./cluster-state.js";
import { FILES_STATES, type FilesState } from "./files-state.js";
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
import { NODE_KINDS, type NodeKind } from "./node-kind.js";
import { NODE_STATES, type NodeState } from "./node-state.js";
import type { ClusterReasonCode, JobReasonCode, NodeReasonCode, ReasonCode } from "./reasons.js";

export * from "./keys.js";

/**
 * The registry: one DynamoDB table per org, string keys `pk` and `sk`. Every change is a conditional write (on status,
 * on the lease's generation), so two writers can't both win. Times are ISO 8601 in UTC.
 */
const enumOf = <T extends string>(values: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...values] }));
const Time = Type.String({ description: "ISO 8601, UTC" });
/** Any key: an open record would accept any value for keys that a pattern does not match. */
const TextByName = Type.Record(Type.String({ pattern: "^[\\s\\S]*$" }), Type.String(), {
  additionalProperties: false,
});
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
/** Null exactly where there is no reason. Any text is read: a newer version may know more codes. */
const Code = <T extends ReasonCode>() =>
  Nullable(Type.Unsafe<T>(Type.String({ description: "a code of reasons.ts; null: there is no reason" })));

/** One node as the head last saw it. See summarizeNodes. */
export const NodeSummary = Type.Object({
  id: Type.String({ description: "EC2 instance id" }),
  address: Type.String({ description: "private IPv4" }),
  hostname: Type.String(),
  cores: Type.Integer({ description: "physical cores = vCPUs / threads per core" }),
  kind: enumOf<NodeKind>(NODE_KINDS),
  state: enumOf<NodeState>(NODE_STATES),
  failingProbes: Type.Array(Type.String()),
  reasonCode: Code<NodeReasonCode>(),
});
export type NodeSummary = Static<typeof NodeSummary>;

/** The owner of a cluster's nodes: the muster_fleet that has the same token in its state. */
export const FleetClaim = Type.Object({
  owner: Type.String({ description: "random: the muster_fleet that has it may resize and drain the fleet" }),
  group: Type.String({ description: "the name of its Auto Scaling group" }),
  nodes: Type.Integer({ description: "requested by its last apply, finished or not" }),
  since: Time,
});
export type FleetClaim = Static<typeof FleetClaim>;

/** `META`: the cluster. muster_cluster creates it; the head updates the attributes below the line. */
export const ClusterItem = Type.Object({
  uuid: Type.String(),
  org: Type.String(),
  name: Type.String(),
  tags: TextByName,
  idleTimeoutMinutes: Nullable(Type.Integer({ description: "null = never" })),
  createdAt: Time,
  clusterStatus: enumOf<ClusterStatus>(CLUSTER_STATUSES),
  phase: enumOf<ClusterPhase>(CLUSTER_PHASES),
  reasonCode: Code<ClusterReasonCode>(),
  reason: Nullable(Type.String({ description: "why it is FAILED or not yet ready" })),
  statusChangedAt: Time,
  desiredNodes: Type.Integer({ description: "set by muster_fleet before it resizes the Auto Scaling group" }),
  fleet: Type.Optional(FleetClaim),
  /** Requested by muster_fleet, done by the head. Absent: kept. */
  files: Type.Optional(enumOf<FilesState>(FILES_STATES)),
  filesReasonCode: Type.Optional(Code<ClusterReasonCode>()),
  filesReason: Type.Optional(Nullable(Type.String({ description: "why the folders are not emptied yet" }))),
  // --- written by the head, under its lease's generation. Of the nodes only counts: each has an item of its own.
  knownNodes: Type.Integer({ description: "workers that the head knows, ready or not" }),
  readyNodes: Type.Integer({ description: "of those, how many jobs may run on" }),
  busy: Type.Boolean({ description: "whether a job runs on the nodes that are ready" }),
  hostfileNodes: Type.Integer({ description: "nodes that the hostfile lists now" }),
  cores: Type.Integer({ description: "sum over the hostfile's nodes" }),
  headInstanceId: Nullable(Type.String()),
  leaseGeneration: Type.Integer({ description: "0 until the first head" }),
  observedAt: Nullable(Time),
});
export type ClusterItem = Static<typeof ClusterItem>;

/**
 * `LEASE`: who is head. A contender takes it when it has itself watched the same (generation, renewal) for `ttlMs` on
 * its own monotonic clock, so clocks that disagree can't make two heads. `expiresAt` is for people.
 */
export const LeaseItem = Type.Object({
  holder: Type.String({ description: "EC2 instance id" }),
  holderAddress: Type.String(),
  generation: Type.Integer({ description: "+1 at each change of holder" }),
  renewal: Type.Integer({ description: "+1 at each renewal" }),
  ttlMs: Type.Integer(),
  released: Type.Boolean({ description: "released in an orderly way: may be taken at once" }),
  expiresAt: Time,
});
export type LeaseItem = Static<typeof LeaseItem>;

/** `NODE#<instance>`: made by the node itself when its agent starts; the head says what it hears of it, and deletes it. */
export const NodeItem = Type.Object({
  instanceId: Type.String(),
  address: Type.String(),
  hostname: Type.String(),
  cores: Type.Integer(),
  kind: enumOf<NodeKind>(NODE_KINDS),
  /** Missing where the head had forgotten the node before it heard it again. */
  instanceType: Type.Optional(Type.String()),
  zone: Type.Optional(Type.String()),
  imageId: Type.Optional(Type.String()),
  agentVersion: Type.Optional(Type.String()),
  bootId: Type.Optional(Type.String()),
  startedAt: Type.Optional(Time),
  // --- written by the head, under its lease's generation
  failingProbes: Type.Optional(Type.Array(Type.String(), { description: "missing: no head has heard it" })),
  leaseGeneration: Type.Optional(Type.Integer()),
});
export type NodeItem = Static<typeof NodeItem>;

/** `NAME#<name>` of the org: which cluster has the name. Made and deleted with META. */
export const NameItem = Type.Object({ clusterUuid: Type.String(), since: Time });
export type NameItem = Static<typeof NameItem>;

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
