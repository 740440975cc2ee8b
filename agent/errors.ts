/**
 * Every error that the agent shows to anyone. `message` says what happened ({subject} is filled in), `hint` what to do next.
 * `status` is the HTTP status; errors of the start have 500 and end up in the log only.
 */
export const ERRORS = {
  config_invalid: {
    status: 500,
    message: "The agent's configuration is not valid: {subject}",
    hint: "User data writes this file: correct the cluster's launch template (or the file itself) and restart muster-agent.",
  },
  identity_unavailable: {
    status: 500,
    message: "The instance metadata service gave no identity: {subject}",
    hint: "Check that the instance's metadata options allow IMDSv2 and that the agent runs as root.",
  },
  cores_unknown: {
    status: 500,
    message: "The number of cores can't be read: {subject}",
    hint: "/proc/cpuinfo must be readable and list at least one processor.",
  },
  secret_unavailable: {
    status: 500,
    message: "The cluster's secret can't be read: {subject}",
    hint: "The node role needs ssm:GetParameter on the cluster's parameters and kms:Decrypt on the org's key; the parameter is made by muster_cluster.",
  },
  registration_failed: {
    status: 500,
    message: "The node can't register itself: {subject}",
    hint: "The node role needs dynamodb:PutItem on the registry table; check the table's name and the DynamoDB endpoint's route.",
  },
  listen_failed: {
    status: 500,
    message: "The agent can't listen: {subject}",
    hint: "Another program may hold the port, or the address is not this node's.",
  },
  shared_mount_failed: {
    status: 500,
    message: "The shared file system is not mounted: {subject}",
    hint: "Check the mount target and its security group, the access point, and the node role's elasticfilesystem:Client* permissions. It is tried again.",
  },
  cgroup_unavailable: {
    status: 500,
    message: "The agent has no cgroup to run jobs in: {subject}",
    hint: "Start the agent by its unit, muster-agent.service, under systemd with cgroup version 2.",
  },
  unauthenticated: {
    status: 401,
    message: "This needs a role token.",
    hint: "Send `authorization: Bearer <token>` with a token derived from the cluster's secret.",
  },
  forbidden: {
    status: 403,
    message: "The token's role ({subject}) may not do this.",
    hint: "Use the token of a role that may: operator to submit or cancel jobs, reader or operator to look.",
  },
  not_found: {
    status: 404,
    message: "There is no {subject}.",
    hint: "See the agent's HTTP API: /healthz, /readyz, /v1/status, /v1/jobs.",
  },
  request_invalid: {
    status: 400,
    message: "The request is not valid: {subject}",
    hint: "Correct every field named and send it again.",
  },
  body_too_large: {
    status: 413,
    message: "The request's body is too large: {subject}",
    hint: "Put big sources and data on /shared and name the path in the command.",
  },
  overloaded: {
    status: 503,
    message: "The agent has too many requests to hold in memory ({subject} of bodies under way).",
    hint: "Send it again in a moment, or to another node's agent.",
  },
  upgrade_refused: {
    status: 400,
    message: "{subject} is no WebSocket.",
    hint: "Send the request without an upgrade header.",
  },
  job_unreadable: {
    status: 409,
    message: "The job's item in the registry can't be read: {subject}",
    hint: "The head sets it aside as FAILED. Submit the job again under another key; delete the item if it is in the way.",
  },
  job_not_found: {
    status: 404,
    message: "There is no job {subject} in this cluster.",
    hint: "Job ids are in the reply to POST /v1/jobs.",
  },
  idempotency_conflict: {
    status: 409,
    message: "The idempotency key was used before, for another request ({subject}).",
    hint: "Use a new key for a new job, or send the same request again.",
  },
  cluster_closed: {
    status: 409,
    message: "The cluster takes no jobs: it is {subject}.",
    hint: "Submit to a cluster that is not being removed.",
  },
  not_head: {
    status: 409,
    message: "This node is not the head.",
    hint: "Read the registry's lease and connect to its holder.",
  },
  launch_refused: {
    status: 400,
    message: "The launch is refused: {subject}",
    hint: "Ranks are started by MPICH's own mpiexec, on the nodes that the cluster's hostfile lists.",
  },
  launch_failed: {
    status: 503,
    message: "No word from the node's launcher: {subject}",
    hint: "It is asked again for a short while; see the node's journal: journalctl -u muster-agent.",
  },
  registry_unavailable: {
    status: 503,
    message: "The registry does not answer: {subject}",
    hint: "Try again; the table may be throttled or its endpoint unreachable.",
  },
  internal: {
    status: 500,
    message: "The agent failed.",
    hint: "See the agent's log: journalctl -u muster-agent.",
  },
} as const satisfies Record<string, { status: number; message: string; hint: string }>;

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
