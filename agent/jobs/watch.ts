import type { RunEvent } from "./run.js";

/** What is known of a running job at one moment. Times are monotonic milliseconds. */
export interface Sight {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly timeoutSeconds: number;
  readonly cancelRequested: boolean;
  readonly processes: "running" | "ended";
  readonly exitCode: number | null;
  /** The first host that has been missing from the hostfile for too long, or null. */
  readonly lostHost: string | null;
}

/** What happened to a running job, or null: it runs on. When several things did, mpiexec's own end comes first. */
export function observedEvent(sight: Sight): RunEvent | null {
  if (sight.exitCode !== null || sight.processes === "ended") {
    return { type: "exited", exitCode: sight.exitCode };
  }
  if (sight.cancelRequested) return { type: "cancelRequested" };
  if (sight.lostHost !== null) return { type: "nodeLost", address: sight.lostHost };
  const elapsedMs = sight.nowMs - sight.startedAtMs;
  if (elapsedMs >= sight.timeoutSeconds * 1000) {
    return { type: "timedOut", timeoutSeconds: sight.timeoutSeconds };
  }
  return null;
}

/**
 * Since when each of the job's hosts is missing from the hostfile: the map to hand in at the next look. A host that is
 * listed again starts anew. `listed` null (nobody knows now) changes nothing.
 */
export function missingHosts(
  hosts: readonly string[],
  listed: ReadonlySet<string> | null,
  missing: ReadonlyMap<string, number>,
  nowMs: number,
): ReadonlyMap<string, number> {
  if (listed === null) return missing;
  return new Map(
    hosts.filter((host) => !listed.has(host)).map((host) => [host, missing.get(host) ?? nowMs] as const),
  );
}

/** The first host that has been missing for `graceMs`; a shorter gap is a probe that failed under load. */
export function lostHost(
  missing: ReadonlyMap<string, number>,
  graceMs: number,
  nowMs: number,
): string | null {
  for (const [host, sinceMs] of missing) if (nowMs - sinceMs >= graceMs) return host;
  return null;
}

/** The bounds of a stop: SIGTERM at once, SIGKILL after `killAfterMs` and again at each look, given up after `giveUpAfterMs`. */
export interface StopBounds {
  readonly killAfterMs: number;
  readonly giveUpAfterMs: number;
}

export type StopAction = "SIGTERM" | "SIGKILL" | "wait" | "giveUp";

/** What to do next to end the processes. `askedAtMs` null: nobody has asked them yet. */
export function planStop(askedAtMs: number | null, nowMs: number, bounds: StopBounds): StopAction {
  if (askedAtMs === null) return "SIGTERM";
  const waitedMs = nowMs - askedAtMs;
  if (waitedMs >= bounds.giveUpAfterMs) return "giveUp";
  return waitedMs >= bounds.killAfterMs ? "SIGKILL" : "wait";
}
