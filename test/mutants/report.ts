import type { Change } from "./changes.js";

/** Whether a unit test failed because of a change: which file's, and whether it hung; or else whether one runs it at all. */
export type Verdict =
  | { readonly isNoticed: false; readonly isReached: boolean }
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

/** "noticed: ...", "noticed, hangs: ...", "ALIVE: ..." or "ALIVE, no unit test runs it: ...". */
export const describeMutant = ({ change, verdict }: Mutant): string =>
  `${describeVerdict(verdict)}: ${describeChange(change)}`;

function describeVerdict(verdict: Verdict): string {
  if (verdict.isNoticed) return `noticed${verdict.isHang ? ", hangs" : ""}`;
  return `ALIVE${verdict.isReached ? "" : ", no unit test runs it"}`;
}

/** A line for each change that no test noticed, and the share of those that were noticed. */
export function renderMutants(mutants: readonly Mutant[], equivalent: number): string {
  const alive = mutants.filter(({ verdict }) => !verdict.isNoticed);
  const hangs = mutants.filter(({ verdict }) => verdict.isNoticed && verdict.isHang).length;
  const percent = noticedPercent(mutants).toFixed(1);
  return [
    ...alive.map(describeMutant),
    `${mutants.length - alive.length} of ${mutants.length} changes are noticed: ${percent} %; goal >= ${GOAL_PERCENT} %`,
    `(${hangs} of them because a test hung; ${equivalent} more change nothing: test/mutants/equivalent.ts)`,
  ].join("\n");
}
