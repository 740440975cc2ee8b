import type { Change } from "./changes.js";

/** Whether a unit test failed because of a change: which file's, and whether it hung. */
export type Verdict =
  | { readonly isNoticed: false }
  | { readonly isNoticed: true; readonly by: string; readonly isHang: boolean };

export interface Mutant {
  readonly change: Change;
  readonly verdict: Verdict;
}

/** How many of a hundred changes the unit tests have to notice. */
export const GOAL_PERCENT = 97;

/** Of none, all. */
export const noticedPercent = (mutants: readonly Mutant[]): number =>
  mutants.length === 0
    ? 100
    : (100 * mutants.filter(({ verdict }) => verdict.isNoticed).length) / mutants.length;

export const describeChange = ({ file, line, key }: Change): string =>
  `${file}:${line}${key.slice(file.length)}`;

/** "noticed: ...", "noticed, hangs: ..." or "ALIVE: ...". */
export const describeMutant = ({ change, verdict }: Mutant): string =>
  `${verdict.isNoticed ? `noticed${verdict.isHang ? ", hangs" : ""}` : "ALIVE"}: ${describeChange(change)}`;

/** A line for each change that no test noticed, and the share of those that were noticed. */
export function renderMutants(mutants: readonly Mutant[], equivalent: number): string {
  const alive = mutants.filter(({ verdict }) => !verdict.isNoticed);
  const hangs = mutants.filter(({ verdict }) => verdict.isNoticed && verdict.isHang).length;
  const percent = noticedPercent(mutants).toFixed(1);
  return [
    ...alive.map(({ change }) => `alive: ${describeChange(change)}`),
    `${mutants.length - alive.length} of ${mutants.length} changes are noticed: ${percent} %; goal >= ${GOAL_PERCENT} %`,
    `(${hangs} of them because a test hung; ${equivalent} more change nothing: test/mutants/equivalent.ts)`,
  ].join("\n");
}
