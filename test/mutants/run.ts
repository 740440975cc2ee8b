import { join } from "node:path";
import pMap from "p-map";
import type { Change } from "./changes.js";
import { copyCheckout, readText } from "./copy.js";
import { openKept } from "./kept.js";
import type { Numbered } from "./reach.js";
import { relatedTests } from "./related.js";
import type { Mutant } from "./report.js";
import { createTestProcess } from "./test-process.js";
import { nothingKnown, tryChange } from "./trial.js";

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
  const todo: Numbered[] = [];
  for (const [number, change] of changes.entries()) {
    const verdict = await kept.find(change, (file) => readText(join(projectRoot, file)));
    if (verdict === null) todo.push({ number, change });
    else onTried({ change, verdict }, true);
  }
  const left = [...todo];
  const known = nothingKnown(related);

  async function work(): Promise<void> {
    const copy = await copyCheckout(projectRoot, todo);
    const tests = createTestProcess(copy.folder);
    signal.addEventListener("abort", tests.stop);
    try {
      for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift()) {
        const verdict = await tryChange(next, { copy, tests }, known);
        await kept.add(next.change, verdict, copy.textOf);
        onTried({ change: next.change, verdict }, false);
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
