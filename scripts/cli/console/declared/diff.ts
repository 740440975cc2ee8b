import { createTwoFilesPatch } from "diff";

const CONTEXT_LINES = 3;

/** What changes, as a unified diff without its file names; empty: nothing does. Pure. */
export function diffOf(before: string, after: string): string {
  if (before === after) return "";
  const patch = createTwoFilesPatch("a", "b", before, after, undefined, undefined, {
    context: CONTEXT_LINES,
  });
  return patch.slice(patch.indexOf("@@"));
}
