/**
 * Names that follow from the org's and the cluster's names: with those two, a program finds every shared resource without an
 * output of another stack.
 */

/** Org and cluster names: 2-32 characters, lower-case letters, digits and hyphens, a letter first, no hyphen last. */
export const NAME_PATTERN = "^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])$";

/** Tag keys on resources of Muster. The leftover check searches by ORG; CLUSTER holds the UUID; NAME is AWS's own. */
export const TAG = {
  ORG: "muster:org",
  CLUSTER: "muster:cluster",
  CLUSTER_NAME: "muster:cluster-name",
  /** On what a notebook has: its name. */
  NOTEBOOK: "muster:notebook",
  /** On AMIs: the image's family, e.g. "mpi". The newest own AMI of the family is what a cluster boots. */
  IMAGE: "muster:image",
} as const;

/** Cluster UUIDs, as text. */
export const UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/** A place: an org in a region, where there is one registry. */
export interface OrgPlace {
  readonly org: string;
  readonly region: string;
}

export const tableName = (org: string): string => `muster-${org}-registry`;
/** The id of the Terraform stack that a cluster of muster.yaml is in. */
export const clusterStackName = (org: string, cluster: string): string => `muster_${org}_${cluster}`;
/** What the names of the org's log buckets start with; AWS adds 26 characters, and allows 63. */
export const logBucketPrefix = (org: string): string => `${`muster-${org}-logs`.slice(0, 36)}-`;
export const kmsAliasName = (org: string): string => `alias/muster-${org}`;
/** Every SSM parameter of a cluster is below this path. */
export const clusterParameterPath = (org: string, clusterUuid: string): string =>
  `/muster/${org}/clusters/${clusterUuid}`;
export const clusterSecretName = (org: string, clusterUuid: string): string =>
  `${clusterParameterPath(org, clusterUuid)}/secret`;

/** Every SSM parameter with Git credentials of the org is below this path. */
export const gitCredentialsPath = (org: string): string => `/muster/${org}/git-credentials`;
export const gitCredentialsParameter = (org: string, name: string): string =>
  `${gitCredentialsPath(org)}/${name}`;

/**
 * Where a cluster's folders are on the org's file system: `shared` is what its nodes mount at /shared, `agents` what only
 * its agents reach.
 */
export const clusterFolderPath = (clusterUuid: string, folder: "shared" | "agents"): string =>
  `/clusters/${clusterUuid}/${folder}`;

/** Where a cluster's nodes mount the folder that jobs may write. Muster trusts nothing in it. */
export const SHARED_ROOT = "/shared";
/** Where nodes mount the org's own folder, which clusters share if they ask for it. */
export const ORG_SHARED_ROOT = "/shared-org";
export const hostfilePath = (clusterUuid: string): string => `${SHARED_ROOT}/.hostfile-${clusterUuid}`;
/** The working folder of a job's ranks. It is new for each job; the job user creates and owns it. */
export const jobFolder = (jobId: string): string => `${SHARED_ROOT}/.muster/jobs/${jobId}`;
/**
 * Where a cluster's nodes mount the agents' own folder, with the jobs' output and exit codes. Only root may enter the folder above it
 * on each node's disk, because the file system treats every caller as the access point's user.
 */
export const AGENTS_ROOT = "/var/lib/muster/agents";

/** Where a cluster keeps the Python environments of its jobs, each as one archive. */
export const STORED_ENVIRONMENTS = `${SHARED_ROOT}/.muster/environments`;
/** Where each node unpacks them, on its own disk: the job user's, like all that it does for jobs. */
export const NODE_ENVIRONMENTS = "/home/muster/.muster/environments";

/** The S3 prefix of one attempt's log; `attempt` counts from 1. What is there: see log-parts.ts. */
export const attemptLogPrefix = (clusterUuid: string, jobId: string, attempt: number): string =>
  `logs/${clusterUuid}/${jobId}/${attempt}/`;

/** The S3 key of the output of an attempt's set-up on a node, an instance's id. */
export const setupLogKey = (of: {
  readonly clusterUuid: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly node: string;
}): string => `${attemptLogPrefix(of.clusterUuid, of.jobId, of.attempt)}setup-${of.node}.log`;
/** The S3 key of a piece of an agent's own log. Keys of one agent, and agents of one instance, sort by time. */
export const ownLogKey = (of: {
  readonly clusterUuid: string;
  readonly instanceId: string;
  readonly startedAt: Date;
  readonly piece: number;
}): string =>
  `logs/${of.clusterUuid}/agents/${of.instanceId}/${of.startedAt.toISOString()}-${String(of.piece).padStart(6, "0")}.jsonl.gz`;
/** The S3 key of what a node has left that was replaced: its journal, or its console. */
export const nodeTextKey = (clusterUuid: string, instanceId: string, name: string): string =>
  `logs/${clusterUuid}/nodes/${instanceId}/${name}`;
/** The S3 prefix of the folders that were packed for jobs of a cluster, in the log bucket. */
export const bundlePrefix = (clusterUuid: string): string => `sources/${clusterUuid}/`;
/** Where a packed folder is, by the SHA-256 (hex) of the bytes. */
export const bundleKey = (clusterUuid: string, sha256: string): string =>
  `${bundlePrefix(clusterUuid)}${sha256}.tar.gz`;

/** The TCP port of the agent on every node, for HTTPS. */
export const AGENT_PORT = 8470;
/** The TCP port of the two probes without TLS, where a cluster asks for it. Below 1024: no job can listen there, or answer for the agent. */
export const PROBES_PORT = 298;
/** Where a node's programs find the certificates of the cluster's authority, for `curl --cacert`. */
export const AUTHORITY_FILE = "/run/muster/ca.pem";
