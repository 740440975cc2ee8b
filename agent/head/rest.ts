import type { Clock } from "../time/clock.js";
import { REST_AFTER_MS, REST_MS } from "../time/resting.js";

/**
 * Whether the cluster is at rest: no job and no MPI kernel that has it, and for a minute no news. Its head then looks at it every few seconds, and asks its nodes for
 * their heartbeats as often, where they give one each second by themselves else.
 */
export interface Rest {
  isAtRest(): boolean;
  /** There is news, or work: `onEnd` is called if the cluster was at rest. Cheap; may be called at any time. */
  end(): void;
  /** To be asked at each look: the rest may begin. */
  look(): void;
}

export interface RestDeps {
  isJobRunning(): boolean;
  /** Whether META has stayed as it is for a while, and no MPI kernel has the cluster. */
  isUnchanged(): boolean;
  onEnd(): void;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** How often a head at rest looks, and asks its nodes. A lease of less than 15 s is renewed, and its nodes are asked, more often. */
export const restMsFor = (ttlMs: number): number => Math.min(REST_MS, ttlMs / 3);

/** Begins awake. */
export function createRest({ isJobRunning, isUnchanged, onEnd, clock }: RestDeps): Rest {
  let quietSinceMs = clock.monotonicMs();
  let rests = false;

  function end(): void {
    quietSinceMs = clock.monotonicMs();
    if (!rests) return;
    rests = false;
    onEnd();
  }

  return {
    end,
    isAtRest: () => rests,
    look() {
      if (isJobRunning() || (rests && !isUnchanged())) end();
      rests ||= isUnchanged() && clock.monotonicMs() - quietSinceMs >= REST_AFTER_MS;
    },
  };
}
