import type { RelatedTests } from "./related.js";
import type { Verdict } from "./report.js";
import type { Numbered } from "./switches.js";
import type { Outcome, TestProcess } from "./test-process.js";

/** What several benches know together. */
export interface Knowledge {
  readonly related: RelatedTests;
  /** For a test that passed the changes that it reaches. Without one of those it says nothing new of a change. */
  readonly reached: Map<string, ReadonlySet<number>>;
  /** For a changed file the test that noticed its last change: it goes first at the next. */
  readonly noticedLast: Map<string, string>;
  /** Tests that failed without a change. */
  readonly unfit: Set<string>;
}

export const nothingKnown = (related: RelatedTests): Knowledge => ({
  ...{ related, reached: new Map(), noticedLast: new Map(), unfit: new Set() },
});

/**
 * Makes the change and runs the tests that have to do with its file, until one fails; but for those that are known not to reach the
 * change. A test that fails is run without the change too, each test once, and after a hang each time: one that fails there as well says
 * nothing; where it does so twice, and not because the machine was busy, it is left out from then on.
 */
export async function tryChange(
  { number, change }: Numbered,
  tests: Pick<TestProcess, "run">,
  known: Knowledge,
): Promise<Verdict> {
  const { reached, noticedLast, unfit } = known;
  let isReached = false;
  for (const by of testsOf({ number, change }, known)) {
    const outcome = await run(by, tests, known, number);
    if (outcome === "passed") {
      isReached ||= reached.get(by)?.has(number) ?? true;
      continue;
    }
    const isHang = outcome === "hangs";
    if ((reached.has(by) && !isHang) || (await run(by, tests, known, null)) === "passed") {
      noticedLast.set(change.file, by);
      return { isNoticed: true, by, isHang };
    }
    if ((await run(by, tests, known, null)) !== "passed") unfit.add(by);
  }
  return { isNoticed: false, isReached };
}

/** First the one that noticed the file's last change, then those that are known to reach the change, then those of which nothing is known. */
function testsOf({ number, change }: Numbered, { related, reached, noticedLast, unfit }: Knowledge) {
  const first = noticedLast.get(change.file);
  const fit = related(change.file).filter((file) => !unfit.has(file));
  const able = fit.filter((file) => reached.get(file)?.has(number) ?? true);
  const rank = (file: string): number => (file === first ? 0 : reached.has(file) ? 1 : 2);
  return able.toSorted((one, other) => rank(one) - rank(other));
}

/** Keeps what a test reaches that passed while no change that it reaches was made: so it does without one. */
async function run(
  by: string,
  tests: Pick<TestProcess, "run">,
  known: Knowledge,
  made: number | null,
): Promise<Outcome> {
  const { outcome, reached } = await tests.run(by, made);
  if (outcome === "passed" && (made === null || !reached.has(made))) known.reached.set(by, reached);
  return outcome;
}
