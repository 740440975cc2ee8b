import type { TestProcess } from "./test-process.js";

/** What all screenings know together. */
export interface Screened {
  /** For a noticed change the file whose test noticed it. */
  readonly noticed: Map<number, { readonly by: string; readonly isHang: boolean }>;
  /** Changes that have to be tried one by one. */
  readonly unclear: Set<number>;
  /** For each file the changes that its tests reach. */
  readonly reached: Map<string, ReadonlySet<number>>;
}

/** So often a file is loaded anew for the changes that spoil it. */
const MOST_LOADS = 40;

/** Screens all changes that no file has noticed so far by one file's tests. */
export async function screenBy(
  file: string,
  { screen }: Pick<TestProcess, "screen">,
  { noticed, unclear, reached }: Screened,
): Promise<void> {
  const ended = new Set<number>();
  const reachedHere = new Set<number>();
  for (let loads = 0; loads < MOST_LOADS; loads += 1) {
    const last = await screen(file, [...noticed.keys(), ...ended]);
    for (const number of last.noticed) noticed.set(number, { by: file, isHang: last.hung.includes(number) });
    for (const number of last.unclear) unclear.add(number);
    for (const number of last.reached) reachedHere.add(number);
    for (const number of last.ended) ended.add(number);
    if (last.ended.length === 0) break;
  }
  reached.set(file, reachedHere);
}

/** Test files by what they have to do with, each once; the fewer sources, the sooner: it is quick, and what it notices needs none of the others. */
export function narrowestFirst(related: readonly (readonly string[])[]): readonly string[] {
  const sources = new Map<string, number>();
  for (const file of related.flat()) sources.set(file, (sources.get(file) ?? 0) + 1);
  return [...sources].toSorted(([, one], [, other]) => one - other).map(([file]) => file);
}
