import type { Logger } from "pino";
import type { NodeActivity } from "../contract/activity.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";

export interface LoginWatchDeps {
  /** How many people are logged in on this node. Bounded; rejects where it can't count them. */
  count(): Promise<number>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Counts this node's logins, and remembers when there was one. */
export interface LoginWatch {
  /** Begins. Call once. */
  start(): void;
  stop(): Promise<void>;
  /** What the node reports to the head. */
  report(): NodeActivity;
}

const EVERY_MS = 5_000;
/** A count that is older is none. */
const FRESH_MS = 30_000;

export function createLoginWatch({ count, clock, log }: LoginWatchDeps): LoginWatch {
  let last: { readonly count: number; readonly atMs: number } | null = null;
  let activeAtMs: number | null = null;
  const loop = createLoop({
    async step() {
      const logins = await count();
      const atMs = clock.monotonicMs();
      last = { count: logins, atMs };
      if (logins > 0) activeAtMs = atMs;
      return EVERY_MS;
    },
    retryMs: EVERY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "logins can't be counted: the cluster does not park meanwhile"),
    clock,
  });
  return {
    start: () => void loop.start(),
    stop: () => loop.stop(),
    report() {
      const nowMs = clock.monotonicMs();
      const isFresh = last !== null && nowMs - last.atMs <= FRESH_MS;
      return {
        source: "ssh",
        count: isFresh ? (last?.count ?? null) : null,
        idleSeconds: activeAtMs === null ? null : Math.floor((nowMs - activeAtMs) / 1_000),
      };
    },
  };
}
