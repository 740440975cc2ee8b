import { createHash } from "node:crypto";

/** Hexadecimal, the same for the same texts. */
export const digestOf = (...texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\0")).digest("hex");

/**
 * So many of them, or all where there are fewer. The same seed takes the same, and a larger sample begins with a smaller one; a value
 * that comes or goes changes nothing of the others' order.
 */
export const sampleOf = <Value extends { readonly key: string }>(
  values: readonly Value[],
  count: number,
  seed: number,
): readonly Value[] =>
  values
    .map((value) => ({ value, rank: digestOf(String(seed), value.key) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
    .map(({ value }) => value);
