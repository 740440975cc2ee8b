import { ATTEMPT_REASONS } from "../contract/reasons/attempt.js";
import type { ReasonEntry } from "../contract/reasons/reason.js";
import type { JobReasonCode } from "../contract/reasons.js";
import type { JobItem, JobRequest } from "../contract/registry.js";
import { DEFAULT_RETRY } from "../contract/retry-policy.js";
import type { Hostfile } from "./launch-plan.js";
import { placeRanks } from "./placement.js";

/**
 * After the node of a job's mpiexec was lost, the agents of its other nodes end within 25 s what that mpiexec has started there:
 * a connection that is silent for 15 s, 5 s without a sign of its machine, 5 s to end. Where that machine gives signs, and only its agent
 * is missing, they wait for 30 s. That node itself ends what it still runs as soon as it can read the registry. The loss of a head is
 * known 10 s after it at the earliest.
 */
const LOST_HOST_SECONDS = 40;

const ENTRIES: Readonly<Record<string, ReasonEntry>> = ATTEMPT_REASONS;

/** Whether a policy's `on` includes an end with this code. What is no attempt's reason, such as a cancel, is never tried again. Pure. */
export function isRetried(code: JobReasonCode | null, on: readonly string[] = DEFAULT_RETRY.on): boolean {
  if (code === null || !Object.hasOwn(ENTRIES, code)) return false;
  return on.includes(code) || on.includes(ENTRIES[code]?.cause ?? "failure");
}

/** How an attempt has ended. */
export type AttemptEnd = Pick<JobItem, "attempt" | "status" | "reasonCode" | "endedAt">;

/** Whether another attempt follows one that has ended so. Pure. */
export const isTriedAgain = (
  { retries }: Pick<JobRequest, "retries">,
  { attempt, status, reasonCode }: Omit<AttemptEnd, "endedAt">,
): boolean =>
  retries !== undefined &&
  attempt !== null &&
  status === "FAILED" &&
  attempt <= retries.count &&
  isRetried(reasonCode, retries.on);

/**
 * When the attempt after the one that has ended so may begin; null: there is none. It follows from the end alone, so that a head that
 * finds the end decides as the head that wrote it. Pure.
 */
export function plannedRetry(request: Pick<JobRequest, "retries">, end: AttemptEnd): Date | null {
  const { reasonCode, endedAt } = end;
  if (endedAt === null || !isTriedAgain(request, end)) return null;
  const delaySeconds = request.retries?.delaySeconds ?? DEFAULT_RETRY.delaySeconds;
  const seconds = reasonCode === "head-lost" ? Math.max(delaySeconds, LOST_HOST_SECONDS) : delaySeconds;
  return new Date(Date.parse(endedAt) + seconds * 1_000);
}

/** What of a request says which nodes it fits on. */
type Sized = Pick<JobRequest, "processes" | "processesPerNode" | "mpi">;

/** Whether the request's processes can be placed on the nodes; where it asks for none, one node will do. Pure. */
export const hasRoom = (request: Sized, hostfile: Hostfile | null): boolean =>
  !("reason" in placeRanks(request, hostfile?.nodes ?? []));

/**
 * The hostfile without the nodes that earlier attempts failed for, the last attempt's last; where the others have no room,
 * the oldest failures are forgiven first. A job without MPI runs on the head, whatever has failed. Pure.
 */
export function withoutFailed(
  request: Sized,
  hostfile: Hostfile | null,
  failed: readonly string[],
): Hostfile | null {
  if (hostfile === null || request.mpi === false) return hostfile;
  for (let forgiven = 0; forgiven < failed.length; forgiven += 1) {
    const avoided = new Set(failed.slice(forgiven));
    const others = { ...hostfile, nodes: hostfile.nodes.filter(({ address }) => !avoided.has(address)) };
    if (hasRoom(request, others)) return others;
  }
  return hostfile;
}
