/** The loops of an agent at rest look every five seconds, or every few times five. */
const STEP_MS = 5_000;
/** A pause that begins so much before a whole step, as after a timer that went off early, lasts until the one after it. */
const EARLY_MS = 50;

/**
 * How long a loop pauses that begins to at `nowMs` and is to look every `ms`: until the last whole step of the clock that comes before that.
 * An agent at rest has a dozen loops, and to wake its process costs more than most of them have to do: in step they wake it once for all.
 * So the first pause of a loop may be short, and all others last `ms`. One of less than a step is exact.
 * Each process has a clock of its own: the nodes of a cluster are not in step with one another. Pure.
 */
export function inStep(ms: number, nowMs: number): number {
  if (ms < STEP_MS) return ms;
  return Math.floor((nowMs + ms + EARLY_MS) / STEP_MS) * STEP_MS - nowMs;
}
