import type { Change } from "./changes.js";

/** The global function that a source with probes calls, with the number of the change whose expression is about to run. */
export const REACHED = "mutantReached";

/** A change among the others of a run. */
export interface Numbered {
  readonly number: number;
  readonly change: Change;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The source, in which each change's expression first says that it runs, where somebody listens; with one of them made, or none. It has the
 * same lines. The expression is in brackets then, so that another operator binds no tighter or looser: `a ?? b ?? c` would not even compile
 * with one `&&`, and that is no test's merit. The changes are of this source.
 */
export function withProbes(source: string, changes: readonly Numbered[], made: Change | null): string {
  const edits = changes.flatMap(({ number, change: { expression } }): Edit[] => [
    { ...at(expression.start), text: `(globalThis.${REACHED}?.(${number}), ` },
    { ...at(expression.end), text: ")" },
  ]);
  if (made !== null) edits.push({ start: made.start, end: made.end, text: made.to });
  let text = source;
  // From the end, so that the places before stay where they are; what is put before an operator after what takes its place.
  for (const edit of edits.toSorted(fromTheEnd))
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return text;
}

const at = (place: number) => ({ start: place, end: place });

const fromTheEnd = (one: Edit, other: Edit): number => other.start - one.start || other.end - one.end;
