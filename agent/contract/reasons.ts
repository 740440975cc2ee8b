import { ATTEMPT_REASONS } from "./reasons/attempt.js";
import { CLUSTER_REASONS } from "./reasons/cluster.js";
import { IMAGE_REASONS } from "./reasons/image.js";
import { JOB_REASONS } from "./reasons/job.js";
import { LAUNCH_REASONS } from "./reasons/launch.js";
import { NODE_REASONS } from "./reasons/node.js";
import { NOTEBOOK_REASONS } from "./reasons/notebook.js";
import { SCHEDULE_REASONS } from "./reasons/schedule.js";

/**
 * Every reason that a cluster, a node, a job, an attempt, a schedule, a notebook or an image can have, by its code. Decisions go by the code; the sentence
 * beside it is for people. Pure data; docs/reference/reason-codes.md is made of it.
 */
export const REASONS = {
  ...CLUSTER_REASONS,
  ...LAUNCH_REASONS,
  ...NODE_REASONS,
  ...JOB_REASONS,
  ...ATTEMPT_REASONS,
  ...SCHEDULE_REASONS,
  ...NOTEBOOK_REASONS,
  ...IMAGE_REASONS,
};

export type ReasonCode = keyof typeof REASONS;
/** What a cluster's `reasonCode` may be: a launch's, or a node's that can't start, is the cluster's reason too. */
export type ClusterReasonCode =
  | keyof typeof CLUSTER_REASONS
  | keyof typeof LAUNCH_REASONS
  | "node-agent-cannot-start";
export type LaunchReasonCode = keyof typeof LAUNCH_REASONS;
export type NodeReasonCode = keyof typeof NODE_REASONS;
/** Why a node is on its way out. */
export type DrainReasonCode = Extract<
  NodeReasonCode,
  | "node-unready-too-long"
  | "node-silent-too-long"
  | "node-never-ready"
  | "node-flapping"
  | "node-spot-interrupted"
  | "node-maintenance-due"
  | "node-surplus"
>;
/** What a job's `reasonCode` may be: its last attempt's is its own. */
export type JobReasonCode = keyof typeof JOB_REASONS | keyof typeof ATTEMPT_REASONS;
/** What a slot without a job, or a schedule without slots, may have as its `reasonCode`. */
export type ScheduleReasonCode = keyof typeof SCHEDULE_REASONS;

/** What a notebook's `reasonCode` may be: a launch's, or a node's that can't start, is the notebook's reason too. */
export type NotebookReasonCode =
  | keyof typeof NOTEBOOK_REASONS
  | keyof typeof LAUNCH_REASONS
  | "node-agent-cannot-start";

/** Why an image was not made, or is not in a region or with an account. */
export type ImageReasonCode = keyof typeof IMAGE_REASONS;

/** A reason: its code, and in words what happened this time. */
export interface Because<Code extends ReasonCode = ReasonCode> {
  readonly reasonCode: Code;
  readonly reason: string;
}

/** The two of them, to be spread into what has a reason: so there is never one without the other. */
export const because = <Code extends ReasonCode>(reasonCode: Code, reason: string): Because<Code> => ({
  reasonCode,
  reason,
});

/** What has no reason. */
export const NO_REASON = { reasonCode: null, reason: null } as const;

/** What ends a job that was cancelled on request. */
export const CANCELLED_ON_REQUEST = because("cancelled-on-request", "cancelled on request");

/** The failing probe of a node that sends no heartbeats. */
export const SILENT_PROBE = "heartbeat";
/** The failing probe of a node that may still run what is over. */
export const ORPHANS_PROBE = "orphans";

/** The failing probe of a node that a job's preflight found bad. The head says it, not the node. */
export const PREFLIGHT_PROBE = "preflight";
/** Whether a node of a fleet with EFA has its adapter. MPI itself sees when it is lost. */
export const EFA_PROBE = "efa";
/** Whether a cluster's boot script has ended well on a node. */
export const BOOT_SCRIPT_PROBE = "boot-script";

const PROBE_REASONS: Readonly<Record<string, NodeReasonCode>> = {
  [SILENT_PROBE]: "node-silent",
  shared: "node-shared-unusable",
  records: "node-records-unusable",
  registry: "node-registry-unreachable",
  mpi: "node-mpi-broken",
  "job-user": "node-job-user-missing",
  [EFA_PROBE]: "node-efa-missing",
  [BOOT_SCRIPT_PROBE]: "node-boot-script-failed",
  [PREFLIGHT_PROBE]: "node-preflight-failed",
  [ORPHANS_PROBE]: "node-not-clean",
};

/** Why a node with these failing probes is not ready: by the first of them; null: none fails. Pure. */
export function nodeReasonCode(failingProbes: readonly string[]): NodeReasonCode | null {
  const [first] = failingProbes;
  if (first === undefined) return null;
  return Object.hasOwn(PROBE_REASONS, first) ? (PROBE_REASONS[first] ?? null) : "node-probe-failing";
}
