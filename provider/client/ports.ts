import type { ClusterSecret } from "../../agent/contract/cluster-secret.js";
import type { NewEvent } from "../../agent/contract/event.js";
import type { QueuedPlace, RefusalCode } from "../../agent/contract/job-admission.js";
import type { PreflightAsk } from "../../agent/contract/preflight/ask.js";
import type { PreflightFacts } from "../../agent/contract/preflight/facts.js";
import type { Because, JobReasonCode } from "../../agent/contract/reasons.js";
import type {
  ClusterItem,
  JobDefinitionItem,
  JobItem,
  LeaseItem,
  NodeSummary,
  NotebookItem,
  NotebookNameItem,
} from "../../agent/contract/registry.js";
import type { MonthOfUsage } from "../../agent/contract/usage-report.js";
import type { JobPlace } from "../../agent/contract/writes/job.js";
import type { Update } from "../../agent/contract/writes/write.js";
import type { Images } from "./image-ports.js";
import type { GivenTags, TagChange, Tags } from "./tags.js";

/** The provider's view of the registry. Each call throws DiagnosticError, worded for a person, if AWS refuses. */
export interface Registry {
  /** The cluster's META item as it is now (a consistent read), or null. */
  readCluster(uuid: string): Promise<ClusterItem | null>;
  /** The cluster's nodes as its head last saw them, sorted by address (a consistent read, which grows with the nodes). */
  readNodes(cluster: ClusterItem): Promise<readonly NodeSummary[]>;
  /** Deletes the items of the cluster's workers, of which no instance is left. May run again. */
  clearWorkers(uuid: string): Promise<void>;
  /** The last head, alive or not; null: the cluster never had one. */
  readLease(uuid: string): Promise<LeaseItem | null>;
  /** Every cluster that is not REMOVED; by name, each as a consistent read gave it. Null: there is no such table. */
  listClusters(): Promise<readonly ClusterItem[] | null>;
  /** Those whose fleet claims the group, each as a consistent read gave it. */
  clustersOfGroup(group: string, among: ListedClusters): Promise<readonly ClusterItem[]>;
  /**
   * Puts META, and with it the item that keeps the name, both or none. Returns the cluster that has the name already, and
   * has then written nothing; null: done. Putting the same cluster again (a retry) succeeds.
   */
  createCluster(cluster: ClusterItem): Promise<ClusterItem | null>;
  /** Keeps the name for a cluster that was made before names were kept; nothing where it is kept already. */
  keepName(cluster: ClusterItem): Promise<void>;
  /**
   * Makes one of the contract's writes of META. Returns the item after it, or null, and nothing written, where its condition
   * did not hold or the cluster is gone.
   */
  updateCluster(write: Update): Promise<ClusterItem | null>;
  /** Adds to the cluster's history. Throws as all others do: the caller decides what an event is worth. */
  note(uuid: string, event: NewEvent, at: Date): Promise<void>;
  /** Records what the cluster, as it is in `cluster`, has used: its nodes are no longer wanted. What has a record keeps it. */
  recordUsage(cluster: ClusterItem): Promise<void>;
  /** Records what its jobs have used, before they go with it; after recordUsage. What has a record keeps it. */
  recordJobUsage(cluster: ClusterItem): Promise<void>;
  /** The org's usage records of a month like 2026-11, of clusters that are gone too. */
  usageOfMonth(month: string): Promise<MonthOfUsage>;
  /** Deletes every item of the cluster, META last, and then frees the name, unless another cluster has it. */
  deleteCluster(uuid: string, name: string): Promise<void>;
}

/**
 * Among which clusters is searched: those that there are "now", at the cost of a list with a read of each, or those that were
 * "first-listed" by this connection, so that an apply of many clusters lists them once.
 */
export type ListedClusters = "now" | "first-listed";

/** A job in a list: of its request only the command. */
export type ListedJob = Omit<JobItem, "request"> & { readonly request: Pick<JobItem["request"], "command"> };

/**
 * A cluster's jobs in the registry. Reads are consistent. Submitting and asking for an end also nudge the head, where the network
 * allows, so that it need not wait for its next look.
 */
export interface Jobs {
  /** All of them, in no order, without what they run: a script may be long. */
  list(clusterUuid: string): Promise<readonly ListedJob[]>;
  read(clusterUuid: string, jobId: string): Promise<JobItem | null>;
  /** Those that have not ended, the oldest first; may lag behind by moments. */
  queue(clusterUuid: string): Promise<readonly QueuedPlace[]>;
  /** Puts a new job; false, and nothing written, where one of that id is there already. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that no head has claimed as FAILED; false where it is no longer NEW. */
  refuse(job: JobItem, why: Because<RefusalCode>, at: Date): Promise<boolean>;
  /** Ends a job that no head has claimed; false where it is no longer NEW. */
  cancelQueued(job: JobPlace, why: Because<JobReasonCode>, at: Date): Promise<boolean>;
  /** Asks the head to end a job; false where it is not in progress. May run twice. */
  requestCancel(job: JobPlace): Promise<boolean>;
}

/** A cluster's job definitions in the registry. */
export interface JobDefinitions {
  /** As it is now (a consistent read), or null. */
  read(clusterUuid: string, name: string): Promise<JobDefinitionItem | null>;
  /** Puts a new one; false, and nothing written, where the cluster has one of that name. */
  create(definition: JobDefinitionItem): Promise<boolean>;
  /** Puts `next` in the place of `previous`; false, and nothing written, where it is not that any more. */
  replace(previous: JobDefinitionItem, next: JobDefinitionItem): Promise<boolean>;
  /** Deletes this one while it is its owner's; succeeds where it is gone, or another one has its name. */
  delete(definition: JobDefinitionItem): Promise<void>;
}

/** The org's notebooks in the registry. Reads are consistent. */
export interface Notebooks {
  /** Which cluster the org's notebook of that name is attached to; null: the org has none of that name. */
  readName(name: string): Promise<NotebookNameItem | null>;
  /** The notebook, where it is attached to that cluster; null: it is not. */
  read(clusterUuid: string, name: string): Promise<NotebookItem | null>;
  /** The names of the notebooks that are attached to the cluster, sorted. */
  namesAt(clusterUuid: string): Promise<readonly string[]>;
  /** The names of all notebooks of the org, sorted; empty where there is no registry. */
  names(): Promise<readonly string[]>;
  /** All notebooks of the org, as names() has them. */
  all(): Promise<readonly NotebookItem[]>;
  /** Puts a new one with its name, both or none; false, and nothing written, where the org has one of that name. */
  attach(notebook: NotebookItem): Promise<boolean>;
  /** Puts `to` in the place of `from`, which is at another cluster; false, and nothing written, where `from` is not as it was read any more. */
  move(from: NotebookItem, to: NotebookItem): Promise<boolean>;
  /** Gives one that is as it was `seen` another owner; false, and nothing written, where it has another one already. */
  take(seen: NotebookItem, owner: string): Promise<boolean>;
  /** Makes one of the contract's writes of it. Returns the item after it; null, and nothing written, where its condition did not hold. */
  update(write: Update): Promise<NotebookItem | null>;
  /** Records what its node was used for, as the item has it. May run twice. */
  recordUsage(notebook: NotebookItem): Promise<void>;
  /** Deletes it, and then frees its name, while both are its owner's. May run again. */
  delete(notebook: Pick<NotebookItem, "clusterUuid" | "name" | "org" | "owner">): Promise<void>;
}

/** The cluster's secret, an SSM SecureString under the org's key. */
export interface ClusterSecrets {
  /** Makes it with a fresh random value unless it exists; a retry keeps the first value. Muster's own tags are added. */
  create(cluster: { readonly uuid: string; readonly name: string; readonly tags: Tags }): Promise<void>;
  /** The tags that are on it; null: the cluster has no secret. Never reads the value. */
  tags(uuid: string): Promise<Tags | null>;
  /** Changes its tags; succeeds when there is none. */
  retag(uuid: string, change: TagChange): Promise<void>;
  /** The secret, with that of before while it counts; null: the cluster has none. Never log it. */
  read(uuid: string): Promise<ClusterSecret | null>;
  /** Deletes every parameter of the cluster; succeeds when there is none. */
  deleteAll(uuid: string): Promise<void>;
}

export interface ScalingGroup {
  readonly name: string;
  readonly minSize: number;
  readonly desired: number;
  readonly instances: readonly GroupMember[];
}
export interface GroupInstance {
  readonly id: string;
  /** The group's word, e.g. Pending, InService, Terminating. */
  readonly lifecycle: string;
}
/** One that its group knows. */
export interface GroupMember extends GroupInstance {
  /** The launch template that it was started from, as `id/version`; null: the group does not say. */
  readonly template: string | null;
}
export interface ScalingActivity {
  readonly id: string;
  readonly at: string;
  readonly status: string;
  readonly message: string;
}

/** Auto Scaling groups and what EC2 knows of their instances. */
export interface Groups {
  /** Null: there is no such group. */
  describe(name: string): Promise<ScalingGroup | null>;
  /** Sets the desired size and the maximum, which is the same; lowers the minimum where it is in the way. */
  resize(group: ScalingGroup, desired: number): Promise<void>;
  /** Ends an instance of a group, which then starts another in its place; succeeds where it is in none any more. */
  replace(instanceId: string): Promise<void>;
  /** The newest activities first, at most `limit`. */
  activities(name: string, limit: number): Promise<readonly ScalingActivity[]>;
  /** The group's instances that are not terminated, as EC2 sees them: "i-1 shutting-down". */
  liveInstances(name: string): Promise<readonly GroupInstance[]>;
  /** The last lines of the instance's console; empty when it has none yet. */
  consoleLines(instanceId: string, limit: number): Promise<readonly string[]>;
}

/** An EC2 instance type, as nodes see it. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly cores: number;
  readonly memoryMib: number;
  /** Whether it has an Elastic Fabric Adapter. */
  readonly efa: boolean;
  /** In EC2's words, e.g. x86_64. */
  readonly architectures: readonly string[];
}
export interface InstanceTypes {
  /** All that EC2 offers in the region, in no order. */
  list(): Promise<readonly InstanceType[]>;
}

/** AWS's price list. */
export interface Prices {
  /**
   * USD for a node's hour on demand, by type; a type that the list does not have in the region is not in it. Throws DiagnosticError
   * where the list does not answer in a few seconds.
   */
  nodeHours(types: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** The account, before a deploy. */
export interface Preflight {
  /** What the checks need to know of it, within this time. What could not be asked is in the facts as unknown. */
  observe(ask: PreflightAsk, patienceMs: number): Promise<PreflightFacts>;
}

/** What plans may depend on, of the provider's configuration. */
export interface Settings {
  readonly defaultTags: GivenTags;
}

/** What a configured provider gives its resources. */
export interface MusterClient {
  /** The ARN of the provider's credentials; null where STS does not say it in a few seconds. Never throws. */
  caller(): Promise<string | null>;
  readonly settings: Settings;
  readonly org: string;
  readonly region: string;
  readonly registry: Registry;
  readonly jobs: Jobs;
  readonly definitions: JobDefinitions;
  readonly notebooks: Notebooks;
  readonly secrets: ClusterSecrets;
  readonly groups: Groups;
  readonly instanceTypes: InstanceTypes;
  readonly preflight: Preflight;
  readonly prices: Prices;
  readonly images: Images;
}
