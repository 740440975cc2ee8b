import type { Retry } from "./contract/reasons/reason.js";

interface ErrorEntry {
  readonly status: number;
  readonly retry: Retry;
  readonly message: string;
  readonly hint: string;
}

/**
 * Every error that the agent shows, by its code. `message` says what happened ({subject} is filled in), `hint` what to do
 * next, `retry` whether the same may be tried again: `never` without a change, `later` where it may pass by itself, `now`.
 * `status` is the HTTP status; errors of the start have 500 and end up in the log only. docs/reference/agent-errors.md is
 * made of it.
 */
export const ERRORS = {
  "config-invalid": {
    status: 500,
    retry: "never",
    message: "The agent's configuration is not valid: {subject}",
    hint: "User data writes this file: correct the cluster's launch template (or the file itself) and restart muster-agent.",
  },
  "identity-unavailable": {
    status: 500,
    retry: "later",
    message: "The instance metadata service did not give the instance's identity: {subject}",
    hint: "Check that the instance's metadata options allow IMDSv2 and that the agent runs as root.",
  },
  "cores-unknown": {
    status: 500,
    retry: "never",
    message: "The number of cores can't be read: {subject}",
    hint: "/proc/cpuinfo must be readable and list at least one processor.",
  },
  "secret-unavailable": {
    status: 500,
    retry: "later",
    message: "The cluster's secret can't be read: {subject}",
    hint: "Let the node role use ssm:GetParameter on the cluster's parameters and kms:Decrypt on the org's key; muster_cluster makes the parameter.",
  },
  "registration-failed": {
    status: 500,
    retry: "later",
    message: "The node can't register itself: {subject}",
    hint: "Let the node role use dynamodb:PutItem on the registry table; check the table's name and the DynamoDB endpoint's route.",
  },
  "listen-failed": {
    status: 500,
    retry: "later",
    message: "The agent can't listen: {subject}",
    hint: "End the program that holds the port, if one does; the address must be this node's.",
  },
  "job-role-unavailable": {
    status: 503,
    retry: "later",
    message: "There are no credentials of the cluster's job role: {subject}",
    hint: "Let the role's trust policy allow sts:AssumeRole to the cluster's node role (docs/guides/jobs.md has one). The agent tries again every few seconds.",
  },
  "shared-mount-failed": {
    status: 500,
    retry: "later",
    message: "The shared file system is not mounted: {subject}",
    hint: "Check the mount target and its security group, the access point, and the node role's elasticfilesystem:Client* permissions. It is tried again.",
  },
  "cgroup-unavailable": {
    status: 500,
    retry: "never",
    message: "The agent has no cgroup to run jobs in: {subject}",
    hint: "Start the agent by its unit, muster-agent.service, under systemd with cgroup version 2.",
  },
  unauthenticated: {
    status: 401,
    retry: "never",
    message: "This needs a role token.",
    hint: "Send `authorization: Bearer <token>` with a token derived from the cluster's secret.",
  },
  "token-rotated": {
    status: 401,
    retry: "never",
    message: "The token is of the cluster's secret of before: that was rotated, and its time is over.",
    hint: "Get a token of the new secret: muster token --role ROLE, or ephemeral muster_token. Trust its authority too: muster token ca.",
  },
  forbidden: {
    status: 403,
    retry: "never",
    message: "The token's role is {subject}, which may not do this.",
    hint: "Use the token of a role that may: operator to submit or cancel jobs, reader or operator to look.",
  },
  "not-found": {
    status: 404,
    retry: "never",
    message: "There is no {subject}.",
    hint: "Use a path of the agent's HTTP API: /healthz, /readyz, /v1/status, /v1/activity, /v1/jobs.",
  },
  "request-invalid": {
    status: 400,
    retry: "never",
    message: "The request is not valid: {subject}",
    hint: "Correct every field named and send it again.",
  },
  "body-too-large": {
    status: 413,
    retry: "never",
    message: "The request's body is too large: {subject}",
    hint: "Put big sources and data on /shared and name the path in the command.",
  },
  overloaded: {
    status: 503,
    retry: "later",
    message: "The agent holds too many requests in memory: bodies of {subject} are under way.",
    hint: "Send it again in a moment, or to another node's agent.",
  },
  "upgrade-refused": {
    status: 400,
    retry: "never",
    message: "{subject} is not a WebSocket's path.",
    hint: "Send the request without an upgrade header.",
  },
  "job-unreadable": {
    status: 409,
    retry: "never",
    message: "The job's item in the registry can't be read: {subject}",
    hint: "Submit the job again under another key: the head ends the item as FAILED. Delete the item if it is in the way.",
  },
  "job-not-found": {
    status: 404,
    retry: "never",
    message: "There is no job {subject} in this cluster.",
    hint: "Use an id from a reply to POST /v1/jobs.",
  },
  "attempt-not-found": {
    status: 404,
    retry: "later",
    message: "There is no such attempt of the job: {subject}.",
    hint: "Look at the job's attempt number; a job has none before its launch.",
  },
  "rank-not-recorded": {
    status: 400,
    retry: "never",
    message:
      "The output can't be shown by rank ({subject}): mpiexec mixes the ranks' lines, and does not say whose a line is.",
    hint: "Read the whole output; let the job print its rank in each line, or write a file for each rank on /shared.",
  },
  "too-many-followers": {
    status: 503,
    retry: "later",
    message: "{subject} clients follow logs on this node already.",
    hint: "Follow the log on another node, or read it by GET /v1/jobs/:id/logs.",
  },
  "idempotency-conflict": {
    status: 409,
    retry: "never",
    message: "The idempotency key was used before, for another request: {subject}",
    hint: "Use a new key for a new job, or send the same request again.",
  },
  "cluster-closed": {
    status: 409,
    retry: "never",
    message: "The cluster takes no jobs: its status is {subject}.",
    hint: "Submit to a cluster that is not being removed.",
  },
  "refused-busy": {
    status: 409,
    retry: "later",
    message: "The job was refused: {subject}.",
    hint: "Submit it again when the cluster is free, or let it queue (ifBusy: queue). If the job exists (GET /v1/jobs), use another key.",
  },
  "refused-parked": {
    status: 409,
    retry: "later",
    message: "The job was refused: {subject}.",
    hint: "Resume the cluster (muster cluster resume), then submit it again. If the job exists (GET /v1/jobs), use another key.",
  },
  "refused-budget": {
    status: 409,
    retry: "later",
    message: "The job was refused: {subject}.",
    hint: "Give the cluster a higher budget and apply, or wait for the next month (UTC); then submit it again. If the job exists (GET /v1/jobs), use another key.",
  },
  "keep-alive-parked": {
    status: 409,
    retry: "later",
    message: "The cluster has no nodes to keep awake, or is about to lose them: {subject} is PARKED.",
    hint: "Submit a job, or resume it (muster cluster resume).",
  },
  "refused-queue-full": {
    status: 429,
    retry: "later",
    message: "The job was refused: {subject}.",
    hint: "Submit it again when jobs have ended, or cancel some that wait.",
  },
  "not-head": {
    status: 409,
    retry: "now",
    message: "This node is not the head.",
    hint: "Read the registry's lease and connect to its holder.",
  },
  "cross-site": {
    status: 403,
    retry: "never",
    message: "A page of another site made this request: its {subject} is not this notebook's.",
    hint: "Open the notebook by muster notebook open, and use it in that browser's window.",
  },
  "path-refused": {
    status: 400,
    retry: "never",
    message: "This is no path below the notebook's: {subject}.",
    hint: "Use a path below /notebook/, without dot segments, backslashes and encoded slashes.",
  },
  "notebook-down": {
    status: 503,
    retry: "later",
    message: "JupyterLab does not answer: {subject}",
    hint: "It is started again by itself. If it stays so: journalctl -u muster-jupyter on the notebook's node.",
  },
  "mpi-kernel-refused": {
    status: 409,
    retry: "later",
    message: "The MPI kernel can't have the cluster: {subject}.",
    hint: "Wait for what has it, or cancel it; muster cluster show has the cluster's state. Then restart the kernel.",
  },
  "home-refused": {
    status: 409,
    retry: "later",
    message: "The notebook's home is not mounted here: {subject}",
    hint: "The notebook must be attached to this cluster, and the node role may mount its home's access point.",
  },
  "launch-refused": {
    status: 400,
    retry: "never",
    message: "The launcher refused the launch: {subject}",
    hint: "Start ranks with MPICH's own mpiexec, on nodes that the cluster's hostfile lists.",
  },
  "launch-failed": {
    status: 503,
    retry: "later",
    message: "The node's launcher did not answer: {subject}",
    hint: "Look at the node's journal (journalctl -u muster-agent); mpiexec's launcher tries again for a short while.",
  },
  "registry-unavailable": {
    status: 503,
    retry: "later",
    message: "The registry does not answer: {subject}",
    hint: "Try again; the table may be throttled or its endpoint unreachable.",
  },
  internal: {
    status: 500,
    retry: "later",
    message: "The agent failed.",
    hint: "See the agent's log: journalctl -u muster-agent.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the registry above. `subject` must hold no secret: it is shown and logged. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly hint: string;

  constructor(code: ErrorCode, subject = "", cause?: unknown) {
    const entry = ERRORS[code];
    super(
      entry.message.replace("{subject}", () => subject),
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.status = entry.status;
    this.hint = entry.hint;
  }
}

/** What an unknown thrown value says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
