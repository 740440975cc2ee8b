import { type Static, Type } from "@sinclair/typebox";

const LAUNCH_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
const MAX_LINES = 20;
const MAX_LINE_CHARACTERS = 1_000;
const MAX_RANK = 1_000_000;

/** `POST /v1/ranks` on the ranks' socket: rank.py's report of a failed rank. It comes from the job user, so it is not trusted. */
export const RankReport = Type.Object(
  {
    launch: Type.String({ pattern: LAUNCH_ID }),
    rank: Type.Integer({ minimum: 0, maximum: MAX_RANK }),
    status: Type.Integer({ minimum: 1, maximum: 255, description: "128 + signal where one ended it" }),
    lines: Type.Array(Type.String({ maxLength: MAX_LINE_CHARACTERS }), { maxItems: MAX_LINES }),
  },
  { additionalProperties: false },
);
export type RankReport = Static<typeof RankReport>;

/** The first rank of a launch that failed. */
export interface RankFailure {
  readonly type: "rankFailed";
  readonly rank: number;
  /** Its exit status, 1 to 255: 128 + signal if one ended it. */
  readonly status: number;
  /** The rank's own last lines, if it could still send them. */
  readonly lines: readonly string[];
  /** The kernel has killed a process of the launch because the launch's memory ran out. */
  readonly isOutOfMemory: boolean;
}

const SIGTERM_STATUS = 143;

type Failure = Pick<RankFailure, "status" | "lines">;

const isBySignal = ({ status }: Failure): boolean => status > 128 && status !== SIGTERM_STATUS;
/** Whether it is an error that MPI raised, as Python shows it, such as "another process has failed": another rank may be the cause. */
export const isMpiError = ({ lines }: Failure): boolean =>
  lines.some((line) => /^(mpi4py\.MPI\.)?Exception: .*\bMPI/.test(line));

/**
 * Whether a failure explains another that was reported before. A rank that a signal or os._exit ended says nothing by itself, and
 * others may be quicker to report that MPI misses it. SIGTERM is what Hydra ends the others with.
 */
export function isDeeperCause(failure: Failure, before: Failure): boolean {
  if (isBySignal(failure)) return !isBySignal(before);
  return isMpiError(before) && !isMpiError(failure) && failure.status !== SIGTERM_STATUS;
}

/**
 * Some ranks of this node wait for others in MPI's start or end; `alive` are those of this node that run. Null: none waits.
 * `areAll`: all that run wait; an older agent does not say it.
 */
export interface RanksWait {
  readonly type: "ranksWait";
  readonly alive: readonly number[] | null;
  readonly areAll?: boolean;
}

export const NO_WAIT: RanksWait = { type: "ranksWait", alive: null };

/** A node's reports about a running launch. */
export type LaunchEvent = RankFailure | RanksWait;

/** What one look at a launch's processes shows. */
export interface RankSnapshot {
  /** The proxy's children: a rank each. `waits`: it waits for an answer of MPI's process manager. */
  readonly ranks: readonly { readonly rank: number; readonly waits: boolean }[];
  /** Processes that are neither the proxy nor a rank: what ranks have started. */
  readonly others: number;
}

/** What the looks so far have shown. */
export interface RankSight {
  /** Since when at least one rank has waited without a break; null: none waits. */
  readonly waitSinceMs: number | null;
  /** Since when no rank runs while something that ranks started does; null: that is not so. */
  readonly leftoverSinceMs: number | null;
}

export const NOTHING_SEEN: RankSight = { waitSinceMs: null, leftoverSinceMs: null };

/** How long a rank waits before it is reported: MPI's start takes moments, or minutes with a thousand ranks. */
const WAIT_MS = 5_000;
/** How long processes that ranks started may outlive them: they may be about to end. */
const LEFTOVER_GRACE_MS = 5_000;

/** The sight after one more look. */
export function sightAfter(before: RankSight, now: RankSnapshot, nowMs: number): RankSight {
  const waits = now.ranks.some(({ waits: isWaiting }) => isWaiting);
  const isLeftover = now.ranks.length === 0 && now.others > 0;
  return {
    waitSinceMs: waits ? (before.waitSinceMs ?? nowMs) : null,
    leftoverSinceMs: isLeftover ? (before.leftoverSinceMs ?? nowMs) : null,
  };
}

/** What is to be said of the ranks that run: which they are once some have waited for long enough, else that none waits. */
export function waitOf(sight: RankSight, now: RankSnapshot, nowMs: number): RanksWait {
  if (sight.waitSinceMs === null || nowMs - sight.waitSinceMs < WAIT_MS) return NO_WAIT;
  const alive = now.ranks.map(({ rank }) => rank).sort((a, b) => a - b);
  return { type: "ranksWait", alive, areAll: now.ranks.every(({ waits }) => waits) };
}

/** Whether to kill what the ranks have left behind: it would prevent the proxy, and so the job, from ending. */
export function isLeftoverOver(sight: RankSight, nowMs: number): boolean {
  return sight.leftoverSinceMs !== null && nowMs - sight.leftoverSinceMs >= LEFTOVER_GRACE_MS;
}
