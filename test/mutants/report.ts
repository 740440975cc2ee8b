import type { Change } from "./changes.js";

/** A change, and whether a unit test failed because of it. */
export interface Mutant {
  readonly change: Change;
  readonly isNoticed: boolean;
}

/** How many of a hundred changes the unit tests have to notice. */
export const GOAL_PERCENT = 97;

export const noticedPercent = (mutants: readonly Mutant[]): number =>
  (100 * mutants.filter(({ isNoticed }) => isNoticed).length) / mutants.length;

export const describeChange = ({ file, line, from, to }: Change): string =>
  `${file}:${line}: ${from} -> ${to === "" ? "nothing" : to}`;

/** A line for each change that no test noticed, and the share of those that were noticed. */
export function renderMutants(mutants: readonly Mutant[]): string {
  const alive = mutants.filter(({ isNoticed }) => !isNoticed);
  const percent = noticedPercent(mutants).toFixed(1);
  return [
    ...alive.map(({ change }) => `alive: ${describeChange(change)}`),
    `${mutants.length - alive.length} of ${mutants.length} changes are noticed: ${percent} %; goal >= ${GOAL_PERCENT} %`,
  ].join("\n");
}
