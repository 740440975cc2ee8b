/**
 * The keys of the registry's items, and the table's indexes. They are separate from the items' schemas, so that a program that
 * only finds items, like Terraform's provider at each start, need not load the schemas.
 */
export const PARTITION_KEY = "pk";
export const SORT_KEY = "sk";
export const clusterPk = (clusterUuid: string): string => `CLUSTER#${clusterUuid}`;
/** The UUID in a cluster's partition key. */
export const uuidOfPk = (pk: string): string => pk.slice(clusterPk("").length);
export const META_SK = "META";
export const LEASE_SK = "LEASE";
const NODE_SK_PREFIX = "NODE#";
const JOB_SK_PREFIX = "JOB#";
const ATTEMPT_SK_PREFIX = "ATTEMPT#";
const DEFINITION_SK_PREFIX = "JOBDEF#";
const SCHEDULE_SK_PREFIX = "SCHEDULE#";
/** All notebooks of a cluster, and in the org's own partition all of the org, have sort keys that begin so. */
export const NOTEBOOK_SK_PREFIX = "NOTEBOOK#";
/** All events of a cluster have sort keys that begin so; by time, the first one first. */
export const EVENT_SK_PREFIX = "EVENT#";
export const nodeSk = (instanceId: string): string => `${NODE_SK_PREFIX}${instanceId}`;
export const jobSk = (jobId: string): string => `${JOB_SK_PREFIX}${jobId}`;
/** The names of all clusters of the org have sort keys that begin so, in the org's own partition. */
export const NAME_SK_PREFIX = "NAME#";
/** All attempts of the job have sort keys that begin so. */
export const attemptSkPrefix = (jobId: string): string => `${ATTEMPT_SK_PREFIX}${jobId}#`;
export const attemptSk = (jobId: string, number: number): string => `${attemptSkPrefix(jobId)}${number}`;
export const definitionSk = (name: string): string => `${DEFINITION_SK_PREFIX}${name}`;
/** How far a definition's schedule is: by the definition's name. */
export const scheduleSk = (definitionName: string): string => `${SCHEDULE_SK_PREFIX}${definitionName}`;

/** A notebook, in the partition of the cluster that it is attached to. */
export const notebookSk = (name: string): string => `${NOTEBOOK_SK_PREFIX}${name}`;

export const eventSk = (at: string, id: string): string => `${EVENT_SK_PREFIX}${at}#${id}`;

/**
 * The partition of a cluster's usage records, of its own so that they outlive the cluster; by the time when an interval begins.
 */
export const usagePk = (clusterUuid: string): string => `USAGE#${clusterUuid}`;
/** An interval of a notebook's node, in the cluster's usage partition: by the notebook, then by its begin. */
export const notebookUsageSk = (name: string, from: string): string => `${notebookSk(name)}#${from}`;

/** DynamoDB deletes an item when the time in this attribute is over, in seconds since 1970. */
export const EXPIRY_ATTRIBUTE = "expiresAtSeconds";

/** The key of a cluster's item with that sort key. */
export const partitionKeyed = (clusterUuid: string, sortKey: string) => ({
  [PARTITION_KEY]: clusterPk(clusterUuid),
  [SORT_KEY]: sortKey,
});

/** The org's own partition, which no node may access. */
export const orgPk = (org: string): string => `ORG#${org}`;

/**
 * The item that keeps a cluster's name unique in the org. It is in its own partition, which no node may access; it has no status,
 * so no index lists it.
 */
export const nameKey = (org: string, name: string) => ({
  [PARTITION_KEY]: orgPk(org),
  [SORT_KEY]: `${NAME_SK_PREFIX}${name}`,
});

/** The item that keeps a notebook's name unique in the org, and says which cluster it is attached to; where nameKey is. */
export const notebookNameKey = (org: string, name: string) => ({
  [PARTITION_KEY]: orgPk(org),
  [SORT_KEY]: notebookSk(name),
});

/** An index of the table. `attributes`: those of an item that it has beside its keys and the table's. */
interface Index {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey: string;
  readonly attributes: readonly string[];
}
/**
 * Lists the org's clusters by status: hash `clusterStatus`, range `pk`. Only META items carry the attribute. It has keys alone: what a
 * head writes of a cluster, but for its status, is not written twice.
 */
export const STATUS_INDEX = {
  name: "clusters-by-status",
  hashKey: "clusterStatus",
  rangeKey: PARTITION_KEY,
  attributes: [],
} as const satisfies Index;
/**
 * A cluster's waiting and running jobs, oldest first: hash `queue` (= pk), range `submittedAt`. Ended jobs lose `queue`. It has what
 * chooses the next job, and never what a job runs.
 */
export const QUEUE_INDEX = {
  name: "jobs-by-queue",
  hashKey: "queue",
  rangeKey: "submittedAt",
  attributes: ["id", "status", "phase", "leaseGeneration", "cancelRequested"],
} as const satisfies Index;
/** Lists the org's usage records by month: hash `month`, range `pk`. */
export const USAGE_INDEX = {
  name: "usage-by-month",
  hashKey: "month",
  rangeKey: PARTITION_KEY,
  attributes: ["clusterUuid", "clusterName", "instanceType", "nodes", "from", "to", "jobId", "submittedBy"],
} as const satisfies Index;
export const INDEXES = [STATUS_INDEX, QUEUE_INDEX, USAGE_INDEX] as const;
