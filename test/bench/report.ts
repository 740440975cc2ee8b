import type { Apply } from "./apply.js";
import type { Start } from "./start.js";

/** What a start of ours may cost at most. */
export const GOAL: Start = { handshakeMs: 150, schemaMs: 160, rssMb: 64 };

/** The middle value, or the mean of the two in the middle. Throws for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error("A median needs values.");
  return (low + high) / 2;
}

/** Each measure's own median. */
export function medianStart(starts: readonly Start[]): Start {
  const of = (key: keyof Start): number => median(starts.map((start) => start[key]));
  return { handshakeMs: of("handshakeMs"), schemaMs: of("schemaMs"), rssMb: of("rssMb") };
}

/** The measures of a start that are over the goal. */
export const missedGoals = (start: Start): readonly (keyof Start)[] =>
  (Object.keys(GOAL) as (keyof Start)[]).filter((key) => start[key] > GOAL[key]);

/** Both providers' starts and the goal, a line each. */
export function renderStarts(starts: Readonly<Record<string, Start>>, runs: number): string {
  const line = (name: string, { handshakeMs, schemaMs, rssMb }: Start, most = ""): string =>
    name.padEnd(24) +
    [`${handshakeMs.toFixed(0)} ms`, `${schemaMs.toFixed(0)} ms`, `${rssMb.toFixed(0)} MB`]
      .map((cell) => (most + cell).padStart(12))
      .join("");
  return [
    `${`start, medians of ${runs}`.padEnd(24)}   handshake      schema         RSS`,
    ...Object.entries(starts).map(([name, start]) => line(name, start)),
    line("goal", GOAL, "<= "),
  ].join("\n");
}

/** A line for each resource type and count. */
export function renderApplies(applies: readonly Apply[]): string {
  return [
    `${"terraform".padEnd(24)}       count      plan s     apply s`,
    ...applies.map(
      ({ name, count, planSeconds, applySeconds }) =>
        name.padEnd(24) +
        [String(count), planSeconds.toFixed(2), applySeconds.toFixed(2)]
          .map((cell) => cell.padStart(12))
          .join(""),
    ),
  ].join("\n");
}
