import type { JupyterSessions } from "./ports.js";

/** What there is to see on a notebook's node, at one moment. */
export interface NotebookSeen {
  /** Null: JupyterLab does not say. */
  readonly sessions: JupyterSessions | null;
  /** Terminals in which a program runs; null: not known. */
  readonly busyTerminals: number | null;
  /** MPI kernels that hold the cluster, working or not. */
  readonly mpiKernels: number;
  /** People who are logged in on the node, by ssh; null: not known. */
  readonly logins: number | null;
}

/** `unknown`: something can't be seen now. It holds the node, and moves nothing. */
export interface NotebookSighting {
  readonly state: "active" | "idle" | "unknown";
  /** The latest moment that is known of; null: none is. */
  readonly lastAt: Date | null;
}

/** Kernels that do nothing, and those that are no more. "starting" may be the one that a person waits for. */
const QUIET_STATES: readonly string[] = ["idle", "dead"];

export const isBusyKernel = ({ state }: { readonly state: string }): boolean => !QUIET_STATES.includes(state);

/**
 * Whether something is active. A kernel is by its state, however long it is silent; a terminal by a program that runs in it. An open page,
 * an open kernel and an idle shell are not: only their last activity counts, from when it was. Pure.
 */
export function sightNotebook({
  sessions,
  busyTerminals,
  mpiKernels,
  logins,
}: NotebookSeen): NotebookSighting {
  const moments = [...(sessions?.kernels ?? []), ...(sessions?.terminals ?? [])]
    .map(({ lastActivity }) => lastActivity.getTime())
    .filter((moment) => !Number.isNaN(moment));
  const lastAt = moments.length === 0 ? null : new Date(Math.max(...moments));
  const isActive =
    sessions?.kernels.some(isBusyKernel) === true ||
    (busyTerminals ?? 0) > 0 ||
    mpiKernels > 0 ||
    (logins ?? 0) > 0;
  if (isActive) return { state: "active", lastAt };
  const isKnown = sessions !== null && busyTerminals !== null && logins !== null;
  return { state: isKnown ? "idle" : "unknown", lastAt };
}

/** What is known of a notebook's idle time. */
export interface IdleCount {
  /** It counts from here. */
  readonly idleSince: Date;
  /** Since when look after look found nothing active or unknown, on the monotonic clock; null: the last one did. */
  readonly quietSinceMs: number | null;
}

export interface IdleLook {
  readonly sighting: NotebookSighting;
  /** Null: the node never parks by itself. */
  readonly idleTimeoutMinutes: number | null;
  readonly now: Date;
  readonly nowMs: number;
}

export interface NotebookIdleness extends IdleCount {
  /** Null: something is active or unknown, or it never parks. */
  readonly parksAt: Date | null;
  readonly isOver: boolean;
}

/** One look is not believed: a wall clock that jumps parks nothing. */
const QUIET_MS = 15_000;
const MINUTE_MS = 60_000;

/**
 * How the idle time goes on with a look. It begins anew with what is active, goes on from the latest moment of activity, whenever that is
 * heard of, and stands still for nothing: what is unknown only keeps the node. Pure.
 */
export function countIdle(before: IdleCount, look: IdleLook): NotebookIdleness {
  const { sighting, idleTimeoutMinutes, now, nowMs } = look;
  const moments = [before.idleSince, sighting.state === "active" ? now : sighting.lastAt];
  const latestMs = Math.max(...moments.map((moment) => moment?.getTime() ?? 0));
  const idleSince = new Date(Math.min(latestMs, now.getTime()));
  if (sighting.state !== "idle") return { idleSince, quietSinceMs: null, parksAt: null, isOver: false };
  const quietSinceMs = before.quietSinceMs ?? nowMs;
  if (idleTimeoutMinutes === null) return { idleSince, quietSinceMs, parksAt: null, isOver: false };
  const parksAt = new Date(idleSince.getTime() + idleTimeoutMinutes * MINUTE_MS);
  const isQuiet = nowMs - quietSinceMs >= QUIET_MS;
  return { idleSince, quietSinceMs, parksAt, isOver: isQuiet && now >= parksAt };
}
