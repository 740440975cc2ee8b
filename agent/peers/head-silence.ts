import { dialDelayMs } from "./dial-delay.js";

/** What a node knows of its head's answers. Times are monotonic. */
interface Answers {
  readonly answeredAtMs: number;
  /** The longest pause between two of them; one of long ago counts less. */
  readonly gapMs: number;
}

/** The second heartbeat should have had an answer. A head that a job keeps busy answers late, and so has longer. */
const SILENCE = { heartbeats: 1.5, gaps: 1.7, gapDecay: 0.98 } as const;

/** After one more answer. Pure. */
export const answered = ({ answeredAtMs, gapMs }: Answers, nowMs: number): Answers => ({
  answeredAtMs: nowMs,
  gapMs: Math.max(nowMs - answeredAtMs, gapMs * SILENCE.gapDecay),
});

/**
 * How long a head may answer nothing before it counts as silent. `share`, from [0, 1), is the node's place among `nodes`, which would
 * otherwise all ask a slow head in one moment. Pure.
 */
export function silentAfterMs(
  { gapMs }: Pick<Answers, "gapMs">,
  {
    heartbeatMs,
    nodes,
    share,
  }: { readonly heartbeatMs: number; readonly nodes: number; readonly share: number },
): number {
  const spreadMs = dialDelayMs({ nodes, failures: 0, random: share });
  return Math.max(SILENCE.heartbeats * heartbeatMs, SILENCE.gaps * gapMs) + spreadMs;
}
