import { renderDuration } from "../../../agent/contract/duration.js";

/** What became of a cluster. `not-begun`: the command ended before. `interrupted`: cdktf was stopped at it. */
export interface Reaped {
  readonly name: string;
  readonly uuid: string;
  readonly result: "destroyed" | "to-destroy" | "failed" | "interrupted" | "not-begun" | "left" | "kept";
  readonly why: string;
  /** How long cdktf ran; null: it did not. */
  readonly seconds: number | null;
}

const WORDS = {
  destroyed: "destroyed",
  "to-destroy": "would be destroyed",
  failed: "FAILED",
  interrupted: "interrupted",
  "not-begun": "not begun",
  left: "left",
  kept: "kept",
} as const satisfies Readonly<Record<Reaped["result"], string>>;

/** A line for each cluster. Pure. */
export function renderReaped(clusters: readonly Reaped[]): readonly string[] {
  const nameWidth = Math.max(0, ...clusters.map(({ name }) => name.length));
  return clusters.map(({ name, result, why, seconds }) => {
    const took = seconds === null ? "" : ` after ${renderDuration(seconds * 1000)}`;
    return `${name.padEnd(nameWidth)}  ${WORDS[result]}${took}: ${why}`;
  });
}

/** "1 destroyed, 2 kept." Pure. */
export function renderReapedCount(clusters: readonly Reaped[]): string {
  const counts = (Object.keys(WORDS) as Reaped["result"][]).flatMap((result) => {
    const count = clusters.filter((cluster) => cluster.result === result).length;
    return count === 0 ? [] : [`${count} ${WORDS[result]}`];
  });
  return counts.length === 0 ? "The org has no clusters." : `${counts.join(", ")}.`;
}
