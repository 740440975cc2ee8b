import { join } from "node:path";
import pMap from "p-map";
import type { Change } from "./changes.js";
import { type Copy, copyCheckout, readText } from "./copy.js";
import { type Kept, openKept } from "./kept.js";
import { relatedTests } from "./related.js";
import type { Mutant, Verdict } from "./report.js";
import { narrowestFirst, type Screened, screenBy } from "./screen.js";
import type { Numbered } from "./switches.js";
import { createTestProcess, type TestProcess } from "./test-process.js";
import { type Knowledge, nothingKnown, tryChange } from "./trial.js";

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

/** Where changes are tried: one at a time. */
interface Bench {
  readonly copy: Copy;
  readonly tests: TestProcess;
}

/** What a run's steps share. */
interface Run extends Pick<RunOptions, "signal" | "onTried"> {
  readonly benches: readonly Bench[];
  readonly kept: Kept;
  readonly known: Knowledge;
  readonly screened: Screened;
}

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
  const benches = await openBenches(projectRoot, todo, workers);
  const close = (): void => {
    for (const { tests } of benches) tests.stop();
  };
  signal.addEventListener("abort", close);
  const known = nothingKnown(related);
  const screened = { noticed: new Map(), unclear: new Set<number>(), reached: known.reached };
  const run: Run = { benches, kept, known, screened, signal, onTried };
  try {
    await screenAll(todo, run);
    await tryOneByOne(todo, run);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    close();
    await Promise.all(benches.map(({ copy }) => copy.remove()));
  }
  return [...known.unfit];
}

const openBenches = (
  projectRoot: string,
  todo: readonly Numbered[],
  workers: number,
): Promise<readonly Bench[]> =>
  Promise.all(
    Array.from({ length: Math.min(workers, todo.length) }, async () => {
      const copy = await copyCheckout(projectRoot, todo);
      return { copy, tests: createTestProcess(copy.folder) };
    }),
  );

/** Each bench takes the next of the values, until there is none. */
async function share<Value>(
  values: readonly Value[],
  { benches, signal }: Run,
  act: (value: Value, bench: Bench) => Promise<void>,
): Promise<void> {
  const left = [...values];
  await pMap(benches, async (bench) => {
    for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift())
      await act(next, bench);
  });
}

async function screenAll(todo: readonly Numbered[], run: Run): Promise<void> {
  const { known, screened } = run;
  const sources = new Set(todo.map(({ change }) => change.file));
  const told = new Set<number>();
  await share(narrowestFirst([...sources].map(known.related)), run, async (file, bench) => {
    await screenBy(file, bench.tests, screened);
    for (const one of todo) {
      const noticed = screened.noticed.get(one.number);
      if (noticed?.by !== file || told.has(one.number)) continue;
      told.add(one.number);
      await tell(one, { isNoticed: true, ...noticed }, bench, run);
    }
  });
}

/** Those that the screening left: what it tried by all tests is alive, the others have to be tried. */
async function tryOneByOne(todo: readonly Numbered[], run: Run): Promise<void> {
  const { known, screened } = run;
  const left = todo.filter(({ number }) => !screened.noticed.has(number));
  const reached = new Set([...known.reached.values()].flatMap((numbers) => [...numbers]));
  await share(left, run, async (one, bench) => {
    const verdict: Verdict = screened.unclear.has(one.number)
      ? await tryChange(one, bench.tests, known)
      : { isNoticed: false, isReached: reached.has(one.number) };
    await tell(one, verdict, bench, run);
  });
}

async function tell({ change }: Numbered, verdict: Verdict, { copy }: Bench, run: Run): Promise<void> {
  await run.kept.add(change, verdict, copy.textOf);
  run.onTried({ change, verdict }, false);
}
