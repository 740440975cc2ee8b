import type { ActivitySource, ClusterActivity, SourceActivity } from "../contract/activity.js";
import { renderDuration } from "../contract/duration.js";
import { type Because, because } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";

/** What a decision goes by. Everything in it is a value: the clock's readings too. */
export interface IdleFacts {
  readonly cluster: Pick<ClusterItem, "clusterStatus" | "statusChangedAt" | "idleTimeoutMinutes">;
  /** As they are now, each with the latest moment when it was active: by this head's word, or an earlier one's. */
  readonly sources: readonly SourceActivity[];
  /** Whether the job that the cluster was made for is over; null: it was made for none. */
  readonly isDedicatedJobOver: boolean | null;
  /** For how long this head has seen, look after look and on its own monotonic clock, that no source is active or unknown. */
  readonly quietMs: number;
  readonly now: Date;
}

/** `park`: it has no work, and its time is over. Else `parksAt` is when that will be; null: something keeps it, or it never parks. */
export type IdleDecision = {
  readonly idleSince: Date;
  /** The sources that are active or unknown. */
  readonly heldBy: readonly ActivitySource[];
} & (
  | { readonly is: "stay"; readonly parksAt: Date | null; readonly isNearEnd: boolean }
  | { readonly is: "park"; readonly why: Because<"parked-idle" | "parked-job-ended"> }
);

/** One look is not believed: a wall clock that jumps, or a report that is late, parks nothing. */
const QUIET = { shareOfTimeout: 0.5, mostMs: 15_000, dedicatedMs: 5_000 } as const;
const WARNING = { shareOfTimeout: 0.5, mostMs: 5 * 60_000 } as const;
const MINUTE_MS = 60_000;

/**
 * Whether the cluster is to park. The rules:
 *
 * - It is armed from its creation, without any job, and the time counts from when it was ready (or had FAILED) at the earliest.
 * - The time counts from the latest moment when any source was active, whichever head saw it, so it goes on over restarts,
 *   changes of the head and updates. It counts in time, not in looks: after a stall the next look decides as it would have.
 * - What is unknown keeps the cluster, as if it were active, and does not begin the time anew.
 * - A cluster whose one job is over waits for no time-out.
 *
 * Pure.
 */
export function decideIdle({ cluster, sources, isDedicatedJobOver, quietMs, now }: IdleFacts): IdleDecision {
  const held = sources.filter(({ state }) => state !== "idle");
  const heldBy = held.map(({ source }) => source);
  const isActive = held.some(({ state }) => state === "active");
  const idleSince = isActive ? now : latest(cluster.statusChangedAt, sources, now);
  const stay = { is: "stay", idleSince, heldBy, parksAt: null, isNearEnd: false } as const;
  if (heldBy.length > 0) return stay;
  if (isDedicatedJobOver === true && quietMs >= QUIET.dedicatedMs) {
    const why = because("parked-job-ended", "the job that the cluster was made for has ended");
    return { is: "park", idleSince, heldBy, why };
  }
  const { idleTimeoutMinutes } = cluster;
  if (idleTimeoutMinutes === null || isDedicatedJobOver === false) return stay;
  const timeoutMs = idleTimeoutMinutes * MINUTE_MS;
  const leftMs = idleSince.getTime() + timeoutMs - now.getTime();
  if (leftMs <= 0 && quietMs >= Math.min(QUIET.mostMs, QUIET.shareOfTimeout * timeoutMs)) {
    const why = because("parked-idle", `nothing was active for ${renderDuration(timeoutMs)}`);
    return { is: "park", idleSince, heldBy, why };
  }
  const parksAt = new Date(idleSince.getTime() + timeoutMs);
  const isNearEnd = leftMs <= Math.min(WARNING.mostMs, WARNING.shareOfTimeout * timeoutMs);
  return { ...stay, parksAt, isNearEnd };
}

/** The latest of these moments; none is later than now, whatever another head's clock said. */
function latest(readyAt: string, sources: readonly SourceActivity[], now: Date): Date {
  const moments = [readyAt, ...sources.flatMap(({ lastAt }) => lastAt ?? [])]
    .map((text) => Date.parse(text))
    .filter((moment) => !Number.isNaN(moment));
  return new Date(Math.min(now.getTime(), Math.max(...moments, 0)));
}

/** What is written of a decision. `warnedFor`: of the last warning. Pure. */
export const activityOf = (
  decision: Extract<IdleDecision, { is: "stay" }>,
  { sources, now }: Pick<IdleFacts, "sources" | "now">,
  warnedFor: string | undefined,
): ClusterActivity => ({
  observedAt: now.toISOString(),
  idleSince: decision.idleSince.toISOString(),
  parksAt: decision.parksAt?.toISOString() ?? null,
  ...(warnedFor === undefined ? {} : { warnedFor }),
  sources: [...sources],
});

const WRITE_EVERY_MS = 60_000;
const CHANGE_GAP_MS = 10_000;

/**
 * Whether what is seen now is worth a write over what was written: a source has begun or ended, or, once a minute, a moment has moved
 * on. While nothing moves there is nothing to write. Pure.
 */
export function isWorthWriting(written: ClusterActivity | undefined, seen: ClusterActivity): boolean {
  if (written === undefined) return true;
  const sinceMs = Date.parse(seen.observedAt) - Date.parse(written.observedAt);
  const states = ({ sources }: ClusterActivity) =>
    sources.map(({ source, state }) => `${source} ${state}`).join();
  const hasChanged = states(written) !== states(seen) || written.warnedFor !== seen.warnedFor;
  if (hasChanged) return sinceMs >= CHANGE_GAP_MS || sinceMs < 0;
  const hasMoved = written.parksAt !== seen.parksAt || written.idleSince !== seen.idleSince;
  return hasMoved && (sinceMs >= WRITE_EVERY_MS || sinceMs < 0);
}
