import { createHash } from "node:crypto";
import { NO_REASON } from "./reasons.js";
import type { DefinitionReference, JobItem, JobRequest } from "./registry.js";

/** The job's id follows from the cluster and the idempotency key: to submit twice is to submit once. */
export function jobIdFor(clusterUuid: string, idempotencyKey: string): string {
  const digest = createHash("sha256").update(`${clusterUuid}\n${idempotencyKey}`).digest("hex");
  return `job-${digest.slice(0, 20)}`;
}

const MAX_SCRIPT_NAME_LENGTH = 100;

/** The request that runs a Python file's text with these arguments. The script gets the file's name, if it is allowed for a job. */
export function scriptRequest(
  file: string,
  content: string,
  args: readonly string[],
): Required<Pick<JobRequest, "command" | "script">> {
  const name = (file.split("/").at(-1) ?? "")
    .replace(/[^A-Za-z0-9._-]/g, "_")
    .slice(-MAX_SCRIPT_NAME_LENGTH)
    .replace(/^[^A-Za-z0-9]+/, "");
  const named = name === "" ? "script.py" : name;
  return { command: [named, ...args], script: { name: named, content } };
}

/** Where a job comes from. `submittedBy`: the caller's ARN, `token:<role>` or `schedule:<definition>`; null: not known. */
export interface JobOrigin {
  readonly submittedBy?: string | null;
  readonly definition?: DefinitionReference;
  /** The slot of the definition's schedule that the job is for: its moment, ISO 8601, UTC. */
  readonly slot?: string | null;
}

/** A job that no head has claimed. */
export function newJob(
  clusterUuid: string,
  idempotencyKey: string,
  request: JobRequest,
  submittedAt: Date,
  { submittedBy = null, definition, slot = null }: JobOrigin = {},
): JobItem {
  return {
    id: jobIdFor(clusterUuid, idempotencyKey),
    clusterUuid,
    idempotencyKey,
    ...(definition === undefined ? {} : { definition }),
    request,
    status: "NEW",
    phase: "queued",
    ...NO_REASON,
    failedNode: null,
    leftOut: [],
    submittedBy,
    submittedAt: submittedAt.toISOString(),
    slot,
    sourceVersion: null,
    retryAt: null,
    claimedAt: null,
    attempt: null,
    phaseTimes: { queued: submittedAt.toISOString() },
    startedAt: null,
    endedAt: null,
    launchedOn: null,
    ranks: null,
    usage: null,
    exitCode: null,
    lastLines: [],
    logPrefix: null,
    log: null,
    logState: "none",
    logReasonCode: null,
    logReason: null,
    cancelRequested: false,
    leaseGeneration: 0,
  };
}

/** Whether a second submit under the same key asks for the same thing. Anything else is a conflict. */
export function isSameRequest(a: JobRequest, b: JobRequest): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** Where a job's log is, for people: a part of a sentence. Pure. */
export function renderLog({
  log,
  logState,
  logReason,
}: Pick<JobItem, "log" | "logState" | "logReason">): string {
  if (log !== null) return `${log.uri} (${log.bytes} bytes)`;
  const why = logReason === null ? "" : `: ${logReason}`;
  if (logState === "pending") return `not in the bucket yet, the upload is retried${why}`;
  return logState === "lost" ? `lost${why}` : "none, because the job never ran";
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.keys(inner)
            .toSorted()
            .map((name) => [name, (inner as Record<string, unknown>)[name]]),
        )
      : inner,
  );
}
