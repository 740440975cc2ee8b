import type { Change } from "./changes.js";
import type { Copy } from "./copy.js";
import type { RelatedTests } from "./related.js";
import type { Verdict } from "./report.js";
import type { TestProcess } from "./test-process.js";

/** Where changes are tried: one at a time. */
export interface Bench {
  readonly copy: Pick<Copy, "during">;
  readonly tests: Pick<TestProcess, "run">;
}

/** What several benches know together. */
export interface Knowledge {
  readonly related: RelatedTests;
  /** Tests that passed without a change. */
  readonly proved: Set<string>;
  /** For a changed file the test that noticed its last change: it goes first at the next. */
  readonly noticedLast: Map<string, string>;
  /** Tests that failed without a change. */
  readonly unfit: Set<string>;
}

/**
 * Makes the change and runs the tests that have to do with its file, until one fails. A test that fails is run without the change too,
 * each test once, and after a hang each time: one that fails there as well says nothing, and is left out from then on.
 */
export async function tryChange(change: Change, { copy, tests }: Bench, known: Knowledge): Promise<Verdict> {
  const { related, proved, noticedLast, unfit } = known;
  const first = noticedLast.get(change.file);
  const all = related(change.file).filter((file) => !unfit.has(file));
  const files = first === undefined ? all : [first, ...all.filter((file) => file !== first)];
  for (const by of files) {
    const outcome = await copy.during(change, () => tests.run(by));
    if (outcome === "passed") continue;
    const isHang = outcome === "hangs";
    if ((proved.has(by) && !isHang) || (await tests.run(by)) === "passed") {
      proved.add(by);
      noticedLast.set(change.file, by);
      return { isNoticed: true, by, isHang };
    }
    unfit.add(by);
  }
  return { isNoticed: false };
}
