/** An IAM role's ARN, in any partition, with the role's path. */
export const ROLE_ARN_PATTERN =
  "^arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:role/(?:[A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}$";

/**
 * Where each node's agent gives the job role's credentials, at 127.0.0.1. Below 1024: no job can answer there while an agent
 * restarts. Below 600: the kernel's NFS client and RPC programs take no port there for themselves.
 */
export const JOB_ROLE_PORT = 299;
export const JOB_ROLE_PATH = "/v1/credentials";

/** What a process has to show there. Only the agent and the job user can read it. */
export const JOB_ROLE_TOKEN_FILE = "/run/muster/job-role.token";
