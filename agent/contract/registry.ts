import { type Static, Type } from "@sinclair/typebox";
import { ClusterActivity } from "./activity.js";
import { Budget, BudgetUse } from "./budget.js";
import { CLUSTER_PHASES, CLUSTER_STATUSES, type ClusterPhase, type ClusterStatus } from "./cluster-state.js";
import { FILES_STATES, type FilesState } from "./files-state.js";
import { Code, enumOf, Nullable, TextByName, Time } from "./item-fields.js";
import { NodeDrain, NodeReplacement } from "./node-drain.js";
import { NODE_KINDS, type NodeKind } from "./node-kind.js";
import { NODE_STATES, type NodeState } from "./node-state.js";
import type { ClusterReasonCode, NodeReasonCode } from "./reasons.js";
import { ClusterUsage } from "./usage.js";

/*
 * The registry: one DynamoDB table per org, string keys `pk` and `sk`. Every change is a conditional write (on status,
 * on the lease's generation), so two writers can't both win. Times are ISO 8601 in UTC.
 */

export * from "./job-items.js";
export * from "./keys.js";
export { NotebookItem, NotebookNameItem } from "./notebook.js";

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

/** The cluster's last park. It stays when the cluster is resumed: nodes that booted before `releasedAt` are still on their way out. */
export const ClusterPark = Type.Object({
  at: Time,
  nodes: Type.Integer({ description: "what was wanted then: a resume asks for as many" }),
  releasedAt: Type.Optional(
    Type.String({ description: "from then on its nodes were given up, and none of them comes back" }),
  ),
});
export type ClusterPark = Static<typeof ClusterPark>;

/** Who gave a parked cluster its nodes back, and when. It stays until muster_fleet asks for nodes. */
export const ClusterResume = Type.Object({ at: Time, by: Type.String() });
export type ClusterResume = Static<typeof ClusterResume>;

/** Who asked for another number of nodes by command, and when. It stays until muster_fleet asks for nodes. */
export const ClusterResize = Type.Object({ at: Time, by: Type.String() });
export type ClusterResize = Static<typeof ClusterResize>;

/** `META`: the cluster. muster_cluster creates it; the head updates the attributes below the line. */
export const ClusterItem = Type.Object({
  uuid: Type.String(),
  org: Type.String(),
  name: Type.String(),
  tags: TextByName,
  idleTimeoutMinutes: Nullable(Type.Integer({ description: "null = never" })),
  /** Absent: true. */
  countSshSessions: Type.Optional(
    Type.Boolean({ description: "whether an ssh session keeps the cluster awake" }),
  ),
  /** Absent: true. */
  resumeOnJob: Type.Optional(
    Type.Boolean({ description: "whether a submitted job resumes a parked cluster" }),
  ),
  /** Absent: false. */
  shareWithNotebooks: Type.Optional(
    Type.Boolean({ description: "whether jobs of others run while a notebook is attached and awake" }),
  ),
  /** Absent or null: it may use what it likes. */
  budget: Type.Optional(Nullable(Budget)),
  createdAt: Time,
  clusterStatus: enumOf<ClusterStatus>(CLUSTER_STATUSES),
  phase: enumOf<ClusterPhase>(CLUSTER_PHASES),
  reasonCode: Code<ClusterReasonCode>(),
  reason: Nullable(Type.String({ description: "why it is FAILED or not yet ready" })),
  statusChangedAt: Time,
  desiredNodes: Type.Integer({
    description: "set before the Auto Scaling group is resized, by muster_fleet or by muster cluster resize",
  }),
  shrinksFrom: Type.Optional(
    Type.Integer({
      description:
        "instances of the group when fewer were asked for: until the cluster is ready, its head ends the surplus. Missing: it does not shrink",
    }),
  ),
  fleet: Type.Optional(FleetClaim),
  /** Requested by muster_fleet, done by the head. Absent: kept. */
  files: Type.Optional(enumOf<FilesState>(FILES_STATES)),
  filesReasonCode: Type.Optional(Code<ClusterReasonCode>()),
  filesReason: Type.Optional(Nullable(Type.String({ description: "why the folders are not emptied yet" }))),
  dedicatedTo: Type.Optional(
    Type.String({ description: "the job that it was made for: when that has ended, the cluster parks" }),
  ),
  /** Absent: it has used nothing yet. */
  usage: Type.Optional(ClusterUsage),
  /** Written by the head of a cluster with a budget. */
  budgetUse: Type.Optional(BudgetUse),
  park: Type.Optional(ClusterPark),
  resume: Type.Optional(ClusterResume),
  resize: Type.Optional(ClusterResize),
  keepAliveUntil: Type.Optional(Type.String({ description: "until then the cluster counts as active" })),
  activity: Type.Optional(ClusterActivity),
  /** Written by the head. Absent: none. */
  notebooks: Type.Optional(
    Type.Array(Type.String(), { description: "the attached notebooks whose node is there, by name" }),
  ),
  // --- written by the head, under its lease's generation. Of the nodes only counts: each has an item of its own.
  knownNodes: Type.Integer({ description: "workers that the head knows, ready or not" }),
  readyNodes: Type.Integer({ description: "of those, how many jobs may run on" }),
  busy: Type.Boolean({ description: "whether a job runs on the nodes that are ready" }),
  hostfileNodes: Type.Integer({ description: "nodes that the hostfile lists now" }),
  cores: Type.Integer({ description: "sum over the hostfile's nodes" }),
  headInstanceId: Nullable(Type.String()),
  /** Missing until the first head. Submitters put packed folders there. */
  logBucket: Type.Optional(Type.String()),
  leaseGeneration: Type.Integer({ description: "0 until the first head" }),
  replacements: Type.Optional(
    Type.Array(NodeReplacement, {
      description: "nodes that failed and were replaced lately, the oldest first",
    }),
  ),
  protectedSince: Type.Optional(
    Nullable(
      Type.String({ description: "since when no failing node is replaced; null or missing: they are" }),
    ),
  ),
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
  publicAddress: Type.Optional(Nullable(Type.String({ description: "public IPv4; null: none" }))),
  sshHostKeys: Type.Optional(Type.Array(Type.String(), { description: "each TYPE BASE64" })),
  // --- written by the head, under its lease's generation
  failingProbes: Type.Optional(Type.Array(Type.String(), { description: "missing: no head has heard it" })),
  /** Missing or null: it stays. */
  drain: Type.Optional(Nullable(NodeDrain)),
  leaseGeneration: Type.Optional(Type.Integer()),
});
export type NodeItem = Static<typeof NodeItem>;

/** `NAME#<name>` of the org: which cluster has the name. Made and deleted with META. */
export const NameItem = Type.Object({ clusterUuid: Type.String(), since: Time });
export type NameItem = Static<typeof NameItem>;
