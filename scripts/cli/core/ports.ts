import type { Readable } from "node:stream";
import type { ClusterSecret } from "../../../agent/contract/cluster-secret.js";
import type { EventItem } from "../../../agent/contract/event.js";
import type { EventPlace } from "../../../agent/contract/events-query.js";
import type { GitCredentials } from "../../../agent/contract/git-credentials.js";
import type { QueuedPlace, RefusalCode } from "../../../agent/contract/job-admission.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import type { JobStatus } from "../../../agent/contract/job-state.js";
import type { LogManifest, LogPart } from "../../../agent/contract/log-parts.js";
import type { NodeAccess } from "../../../agent/contract/node-access.js";
import type { NotebookItem } from "../../../agent/contract/notebook.js";
import type { Offered } from "../../../agent/contract/offer.js";
import type { ParkControl } from "../../../agent/contract/park.js";
import type { PreflightAsk } from "../../../agent/contract/preflight/ask.js";
import type { PreflightFacts } from "../../../agent/contract/preflight/facts.js";
import type { Because, JobReasonCode } from "../../../agent/contract/reasons.js";
import type {
  ClusterItem,
  JobDefinitionItem,
  JobItem,
  NodeSummary,
} from "../../../agent/contract/registry.js";
import type { ResizeControl } from "../../../agent/contract/resize.js";
import type { MonthOfUsage, UsingJob } from "../../../agent/contract/usage-report.js";
import type { Update } from "../../../agent/contract/writes/write.js";
import type { AccountCalls, AssumedRole, Caller } from "./account.js";
import type { FoundThing } from "./cleanup.js";
import type { ListedImage } from "./images.js";
import type { PriceSource } from "./prices.js";
import type { Removal } from "./remove-all.js";

/** What the commands need of an org in AWS. Every call may throw a CommandError, which is worded for a person. */
export interface Access {
  readonly clusters: Clusters;
  readonly jobs: Jobs;
  readonly logs: Logs;
  readonly secrets: Secrets;
  readonly gitCredentials: GitCredentialStore;
  readonly bundles: Bundles;
  readonly account: Account;
  readonly cleanup: Cleanup;
  readonly notebooks: Notebooks;
  readonly images: Images;
  readonly usage: UsageRecords;
  readonly prices: PriceSource;
  readonly preflight: Preflight;
  /** What parking, resuming and resizing a cluster needs. */
  parking(clusterUuid: string): SizeControl;
  /** Waits for what still goes out beside the commands' own calls; a second at most. Never throws. */
  settled(): Promise<void>;
}

export type SizeControl = ParkControl & ResizeControl;

/** Which org, in which region, and what aborts the calls. */
export interface Opening {
  readonly org: string;
  readonly region: string;
  /** Aborts every call in progress; they then throw its reason. */
  readonly signal: AbortSignal;
  /** Whose rights the calls have; null, the default: the credentials' own. */
  readonly role?: AssumedRole | null;
}

/** The account, before a deploy. */
export interface Preflight {
  /** What the checks need to know of it, within this time. What could not be asked is in the facts as unknown. */
  observe(ask: PreflightAsk, patienceMs: number): Promise<PreflightFacts>;
}

export interface Clusters {
  /** Every cluster that is not REMOVED, by name. Each is read when it is asked for, or shortly before: as of all lists, no more are held. */
  list(): AsyncIterable<ClusterItem>;
  /** The cluster that has the name; null: none has, or one that was made before names were kept. */
  named(name: string): Promise<ClusterItem | null>;
  /** null: it is not in the registry (any more). */
  read(uuid: string): Promise<ClusterItem | null>;
  /** The cluster's nodes as its head last saw them, sorted by address. The read grows with the nodes. */
  nodes(cluster: ClusterItem): Promise<readonly NodeSummary[]>;
  /** Of the cluster's events after the place the newest `limit`, the first one first. */
  newestEvents(uuid: string, place: EventPlace, limit: number): AsyncIterable<EventItem>;
  /** Its next events after the place, the first one first; one page of them. */
  eventsAfter(uuid: string, place: EventPlace): Promise<readonly EventItem[]>;
  /** How its nodes are reached, as they have said themselves, sorted by address. */
  hosts(cluster: ClusterItem): Promise<readonly NodeAccess[]>;
  /** Lets failing nodes be replaced again; false: the cluster is gone. May run twice. */
  repair(uuid: string): Promise<boolean>;
}

/** A job without its request: small, however long its script is. */
export type JobState = Omit<JobItem, "request">;
/** A job in a list: with its command, without its script. */
export type JobSummary = JobState & { readonly request: Pick<JobItem["request"], "command" | "retries"> };
/** A job definition in a list, likewise. */
export type DefinitionSummary = Omit<JobDefinitionItem, "request" | "triggers"> & {
  readonly request: Pick<JobItem["request"], "command">;
};

/** Which jobs of a list are looked at; left out: all. */
export interface ListWanted {
  readonly status?: JobStatus | undefined;
  readonly limit: number;
}

/** Submitting and cancelling also nudge the head where the network allows: it need not wait for its next look at the queue. */
export interface Jobs {
  /** The cluster is about to be written to: begins to look for the way to its head, so that the nudge comes sooner. Never throws. */
  approach(clusterUuid: string): void;
  /** Waits for that way, for a moment: a job that is submitted then is offered at once. Never rejects. */
  approached(clusterUuid: string): Promise<void>;
  /** Has the head start a new job at once, if it can and can be reached. Null: it is to be submitted. Never rejects. */
  offer(job: JobItem): Promise<Offered>;
  /** Writes a new job; false if one with that id exists. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that no head has claimed as FAILED; false if it is not NEW any more. */
  refuse(job: JobItem, why: Because<RefusalCode>, now: Date): Promise<boolean>;
  /** Gives a parked cluster its nodes back, for a job that was put: see job-admission.ts. */
  wake(job: JobItem): Promise<Because<Exclude<RefusalCode, "queue-full">> | null>;
  read(clusterUuid: string, jobId: string): Promise<JobItem | null>;
  observe(clusterUuid: string, jobId: string): Promise<JobState | null>;
  /** The job's attempts, the first one first. */
  attempts(clusterUuid: string, jobId: string): Promise<readonly AttemptItem[]>;
  summary(clusterUuid: string, jobId: string): Promise<JobSummary | null>;
  /** The cluster's, in any order. */
  each(clusterUuid: string): AsyncIterable<JobSummary>;
  /**
   * The cluster's, the newest first: the first `limit` + 1 of those with that status, so that it is known whether there are more; in a notebook's
   * terminal 200 at most. A job may have another status by the time it is read.
   */
  list(clusterUuid: string, wanted: ListWanted): AsyncIterable<JobSummary>;
  /** Those that have not ended, the oldest first. */
  queue(clusterUuid: string): Promise<readonly QueuedPlace[]>;
  /** The definition of that name, as muster_job_definition keeps it; null: there is none. */
  definition(clusterUuid: string, name: string): Promise<JobDefinitionItem | null>;
  /** How far the schedules of the cluster's definitions are, by the definition's name. A definition that no head has seen yet has none. */
  schedules(clusterUuid: string): Promise<readonly ScheduleItem[]>;
  /** All of the cluster's, by name. */
  definitions(clusterUuid: string): AsyncIterable<DefinitionSummary>;
  /** Cancels a job that no head has claimed; false if it is not NEW any more. */
  cancelQueued(clusterUuid: string, jobId: string, why: Because<JobReasonCode>, now: Date): Promise<boolean>;
  /** Asks the head to end a running job; false where it does not run. May run twice. */
  requestCancel(clusterUuid: string, jobId: string): Promise<boolean>;
}

/** Logs in the org's bucket. `prefix` is an attempt's: the s3:// URI below which its parts are. */
export interface Logs {
  /** The manifest of a delivered log. Throws where it is gone, or is none. */
  manifest(uri: string): Promise<LogManifest>;
  /** The bytes of the part at that offset, from its byte `skip` on, as they come from S3; null: there is no such part (yet). */
  part(prefix: string, offset: number, skip: number): Promise<Readable | null>;
  /** The parts that are there, in any order. */
  parts(prefix: string): Promise<readonly LogPart[]>;
}

/** What the org's clusters and jobs have used. */
export interface UsageRecords {
  /** The records of a month like 2026-11: of clusters and notebooks, and of jobs whose clusters are gone. */
  ofMonth(month: string): Promise<MonthOfUsage>;
  /** The jobs of a cluster that is there, as far as their usage goes. */
  ofJobs(clusterUuid: string): AsyncIterable<UsingJob>;
}

export interface Secrets {
  /** The cluster's secret, decrypted, with that of before while it counts. Keep it in memory only. */
  read(clusterUuid: string): Promise<ClusterSecret>;
  /** Makes another secret, and nudges the head where the network allows. Gives its version's number. */
  rotate(clusterUuid: string): Promise<number>;
}

/** Git credentials of the org, without what is secret in them. */
interface GitCredentialsSummary {
  readonly name: string;
  /** What they are and for which host. */
  readonly description: string;
  /** ISO 8601; null: not known. */
  readonly changedAt: string | null;
}

export interface GitCredentialStore {
  /** By name. All at once: SSM has them in no order, each is as small as its name, and an account has 10,000 standard parameters in a region. */
  list(): Promise<readonly GitCredentialsSummary[]>;
  /** Writes them, or others in their place. */
  set(name: string, credentials: GitCredentials): Promise<void>;
  /** False: there are none of the name. */
  delete(name: string): Promise<boolean>;
}

/** A place in the log bucket. */
interface BundlePlace {
  readonly bucket: string;
  readonly key: string;
}

/** Packed folders in the log bucket. */
export interface Bundles {
  has(place: BundlePlace): Promise<boolean>;
  /** Nothing is there where the body fails. */
  put(place: BundlePlace, body: Readable): Promise<void>;
}

/** The org's images, in all their regions. */
export interface Images {
  /** By family, the newest version first. */
  list(): Promise<AsyncIterable<ListedImage>>;
}

export interface Notebooks {
  /** Of all that the org has. */
  names(): Promise<readonly string[]>;
  /** Every notebook of the org, by name. */
  list(): AsyncIterable<NotebookItem>;
  /** The notebook with that name, wherever it is attached; null: there is none. */
  find(name: string): Promise<NotebookItem | null>;
  /** False, and nothing written, where the write's condition did not hold. */
  perform(write: Update): Promise<boolean>;
  /** Sets how many nodes its group is to have. May run twice. */
  setSize(group: string, nodes: 0 | 1): Promise<void>;
  /** Whether its group has given the instance up, or does not have it any more. */
  isLeaving(group: string, instanceId: string): Promise<boolean>;
}

/** A resource in the account. */
interface Thing {
  readonly kind: string;
  readonly id: string;
}

export interface Account {
  /** Calls about the account in another's name than the org's. Makes none itself. */
  as(caller: Caller): AccountCalls;
  /** The ARN of the credentials; null where STS does not say it in a few seconds. Never throws. */
  caller(): Promise<string | null>;
  /** Whose credentials there are, by STS. */
  identify(): Promise<{ readonly account: string; readonly arn: string }>;
  /** What shows that there is an org of this name: its registry table, VPCs with its tag. Finds it whatever muster.yaml or state says. */
  findTraces(): Promise<readonly Thing[]>;
  /** What still exists of the org, and which of its keys wait for deletion. */
  findLeftovers(): Promise<{
    readonly leftovers: readonly Thing[];
    readonly pendingDeletion: readonly Thing[];
  }>;
}

export interface Cleanup {
  /** What the org's shared resources are in use by: see org-in-use.ts. Nothing where there is no registry. */
  users(): Promise<{ readonly clusters: readonly ClusterItem[]; readonly notebooks: readonly string[] }>;
  /** Everything in the account and region that may be the org's, with its tags. Changes nothing. */
  find(): Promise<readonly FoundThing[]>;
  /** One try to remove a thing: see remove-all.ts. May run again. Its errors are not CommandErrors. */
  remove(thing: FoundThing): Promise<Removal>;
}
