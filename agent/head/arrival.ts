import { SILENT_PROBE } from "../contract/reasons.js";
import type { Clock } from "../time/clock.js";
import type { Members } from "./members.js";

/** Whether the nodes that the head before listed are still on their way to this one. */
export interface Arrival {
  /** To be asked at each look, which follows each report. Once false, it stays so. */
  isGoingOn(members: Members): boolean;
}

/** In parts of the time after which a node is lost: since the last node that came, and since the beginning at most. */
const LIMITS = { lastCame: 0.5, most: 3 } as const;

/**
 * Begins now. Each node has `silentMs` to come, as any node has to report. Where nodes still come at the end of that, those behind
 * them are not lost: a head that is short of CPU takes a large cluster's nodes on one after another.
 */
export function createArrival(silentMs: number, clock: Pick<Clock, "monotonicMs">): Arrival {
  const beganAtMs = clock.monotonicMs();
  let cameAtMs = beganAtMs;
  let awaited = 0;
  let isOver = false;

  return {
    isGoingOn(members) {
      const nowMs = clock.monotonicMs();
      const silent = [...members.values()].filter(isSilent).length;
      if (silent < awaited) cameAtMs = nowMs;
      awaited = silent;
      const untilMs = Math.min(
        beganAtMs + LIMITS.most * silentMs,
        Math.max(beganAtMs + silentMs, cameAtMs + LIMITS.lastCame * silentMs),
      );
      isOver ||= nowMs >= untilMs;
      return !isOver;
    },
  };
}

const isSilent = ({ failingProbes }: { readonly failingProbes: readonly string[] }): boolean =>
  failingProbes.includes(SILENT_PROBE);
