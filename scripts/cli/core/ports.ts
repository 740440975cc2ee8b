import type { Readable } from "node:stream";
import type { Because, JobReasonCode } from "../../../agent/contract/reasons.js";
import type {
  ClusterItem,
  JobDefinitionItem,
  JobItem,
  NodeSummary,
} from "../../../agent/contract/registry.js";

/** What the commands need of an org in AWS. Every call may throw a CommandError, which is worded for the person. */
export interface Access {
  readonly clusters: Clusters;
  readonly jobs: Jobs;
  readonly logs: Logs;
  readonly secrets: Secrets;
  readonly account: Account;
}

/** Which org, where, and until when. */
export interface Opening {
  readonly org: string;
  readonly region: string;
  /** Aborts every call that is under way; they then throw its reason. */
  readonly signal: AbortSignal;
}

export interface Clusters {
  /** Every cluster that is not REMOVED, by name. */
  list(): Promise<readonly ClusterItem[]>;
  /** null: it is not in the registry (any more). */
  read(uuid: string): Promise<ClusterItem | null>;
  /** The cluster's nodes as its head last saw them, sorted by address. The read grows with the nodes. */
  nodes(cluster: ClusterItem): Promise<readonly NodeSummary[]>;
}

/** A job without what it runs: small, however long its script is. */
export type JobState = Omit<JobItem, "request">;
/** A job of a list: its command is there, its script is not. */
export type JobSummary = JobState & { readonly request: Pick<JobItem["request"], "command"> };

export interface Jobs {
  /** Writes a new job; false where one of that id is there already. */
  submit(job: JobItem): Promise<boolean>;
  read(clusterUuid: string, jobId: string): Promise<JobItem | null>;
  observe(clusterUuid: string, jobId: string): Promise<JobState | null>;
  /** All of the cluster's, the newest first. */
  list(clusterUuid: string): Promise<readonly JobSummary[]>;
  /** Those that have not ended, the oldest first. */
  queue(clusterUuid: string): Promise<readonly Pick<JobItem, "id" | "status" | "submittedAt">[]>;
  /** The definition of that name, as muster_job_definition keeps it; null: there is none. */
  definition(clusterUuid: string, name: string): Promise<JobDefinitionItem | null>;
  /** Ends a job that no head has claimed; false where it is not NEW any more. */
  cancelQueued(clusterUuid: string, jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Asks the head to end a running job; false where it does not run. May run twice. */
  requestCancel(clusterUuid: string, jobId: string): Promise<boolean>;
}

export interface Logs {
  /** The delivered log's bytes, as they come from S3. */
  open(uri: string): Promise<Readable>;
}

export interface Secrets {
  /** The cluster's secret, decrypted. Keep it in memory only. */
  read(clusterUuid: string): Promise<string>;
}

/** A thing in the account. */
interface Thing {
  readonly kind: string;
  readonly id: string;
}

export interface Account {
  /** What of the org still exists, and which of its keys wait for their deletion. */
  findLeftovers(): Promise<{
    readonly leftovers: readonly Thing[];
    readonly pendingDeletion: readonly Thing[];
  }>;
}
