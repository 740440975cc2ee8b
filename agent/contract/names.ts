/**
 * Names that follow from the org's and the cluster's: whoever knows those two finds every shared thing without
 * asking another stack for an output.
 */

/** Org and cluster names: 2-32 characters, lower-case letters, digits and hyphens, a letter first, no hyphen last. */
export const NAME_PATTERN = "^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])$";

/** Tag keys on every resource of ours. The leftover check searches by ORG; CLUSTER holds the UUID; NAME is AWS's own. */
export const TAG = {
  ORG: "muster:org",
  CLUSTER: "muster:cluster",
  CLUSTER_NAME: "muster:cluster-name",
  /** On AMIs: the image's family, e.g. "mpi". The newest own AMI of the family is what a cluster boots. */
  IMAGE: "muster:image",
} as const;

export const tableName = (org: string): string => `muster-${org}-registry`;
export const kmsAliasName = (org: string): string => `alias/muster-${org}`;
/** Every SSM parameter of a cluster is below this path. */
export const clusterParameterPath = (org: string, clusterUuid: string): string =>
  `/muster/${org}/clusters/${clusterUuid}`;
export const clusterSecretName = (org: string, clusterUuid: string): string =>
  `${clusterParameterPath(org, clusterUuid)}/secret`;

/**
 * Where a cluster's folders are on the org's file system: `shared` is what its nodes mount at /shared, `agents` what only
 * its agents reach.
 */
export const clusterFolderPath = (clusterUuid: string, folder: "shared" | "agents"): string =>
  `/clusters/${clusterUuid}/${folder}`;

/** Where nodes mount their cluster's folder. */
export const SHARED_ROOT = "/shared";
export const hostfilePath = (clusterUuid: string): string => `${SHARED_ROOT}/.hostfile-${clusterUuid}`;
/** A job's folder on the shared file system: script, output.log, exit-code. Owned by the job user. */
export const jobFolder = (clusterUuid: string, jobId: string): string =>
  `${SHARED_ROOT}/.muster/${clusterUuid}/jobs/${jobId}`;

/** The S3 prefix of one run's log; `run` counts from 1. The output is at `<prefix>output.log`. */
export const runLogPrefix = (clusterUuid: string, jobId: string, run: number): string =>
  `logs/${clusterUuid}/${jobId}/${run}/`;

/** The TCP port of the agent on every node. */
export const AGENT_PORT = 8470;
