import { join } from "node:path";
import pMap from "p-map";
import type { Change } from "./changes.js";
import { copyCheckout } from "./copy.js";
import { openKept } from "./kept.js";
import { relatedTests } from "./related.js";
import type { Mutant } from "./report.js";
import { createTestProcess } from "./test-process.js";
import { type Knowledge, tryChange } from "./trial.js";

interface RunOptions {
  readonly projectRoot: string;
  /** Changes that are tried at the same time, each in a copy of the checkout and a process of its own. */
  readonly workers: number;
  /** Ends the run early, with what it has. */
  readonly signal: AbortSignal;
  readonly onTried: (mutant: Mutant, isKept: boolean) => void;
}

/** Results of earlier runs: git leaves the folder out. */
export const KEPT_PATH = ".cache/mutants.jsonl";

/** Tries each change once, but for those whose result is kept. Gives the tests that failed without a change, and so were left out. */
export async function tryAll(
  changes: readonly Change[],
  { projectRoot, workers, signal, onTried }: RunOptions,
): Promise<readonly string[]> {
  const related = await relatedTests(projectRoot);
  const kept = await openKept(join(projectRoot, KEPT_PATH), related);
  const left: Change[] = [];
  for (const change of changes) {
    const verdict = await kept.find(change, projectRoot);
    if (verdict === null) left.push(change);
    else onTried({ change, verdict }, true);
  }
  const known: Knowledge = { related, proved: new Set(), noticedLast: new Map(), unfit: new Set() };

  async function work(): Promise<void> {
    const copy = await copyCheckout(projectRoot);
    const tests = createTestProcess(copy.folder);
    signal.addEventListener("abort", tests.stop);
    try {
      for (let change = left.shift(); change !== undefined && !signal.aborted; change = left.shift()) {
        const verdict = await tryChange(change, { copy, tests }, known);
        await kept.add(change, verdict, copy.folder);
        onTried({ change, verdict }, false);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      tests.stop();
      await copy.remove();
    }
  }
  await pMap(Array.from({ length: Math.min(workers, left.length) }), work);
  return [...known.unfit];
}
