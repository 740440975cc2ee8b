import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { developersCommand, runToEnd, wholeNumber, withStatus } from "../../scripts/system/command-line.js";
import { EQUIVALENT } from "./equivalent.js";
import { describeMutant, GOAL_PERCENT, type Mutant, noticedPercent, renderMutants } from "./report.js";
import { KEPT_PATH, tryAll } from "./run.js";
import { sampleOf } from "./sample.js";
import { changesOf } from "./sources.js";

const PROJECT_ROOT = resolve(import.meta.dirname, "../..");

interface MutantsOptions {
  readonly count: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly workers: number;
  readonly fresh?: true;
  readonly json?: true;
}

async function mutants({ count, seed, only, workers, fresh, json }: MutantsOptions): Promise<number> {
  const all = await changesOf(PROJECT_ROOT, only);
  const sample = sampleOf(all, count, seed);
  const changes = sample.filter(({ key }) => EQUIVALENT[key] === undefined);
  if (fresh) await rm(join(PROJECT_ROOT, KEPT_PATH), { force: true });
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const tried: Mutant[] = [];
  const total = changes.length;
  console.error(
    `${total} of ${all.length} changes, seed ${seed}; Ctrl-C ends the run, and the next one goes on from there`,
  );
  const unfit = await tryAll(changes, {
    ...{ projectRoot: PROJECT_ROOT, workers, signal: interrupted.signal },
    onTried(mutant, isKept) {
      tried.push(mutant);
      console.error(`${tried.length}/${total} ${describeMutant(mutant)}${isKept ? " (kept)" : ""}`);
    },
  });
  for (const file of unfit) console.error(`Left out, because it fails without a change too: ${file}`);
  if (tried.length < total) console.error(`Interrupted: ${total - tried.length} changes were not tried.`);
  const percent = noticedPercent(tried);
  const equivalent = sample.length - total;
  console.log(
    json ? JSON.stringify({ seed, percent, equivalent, mutants: tried }) : renderMutants(tried, equivalent),
  );
  return tried.length === total && percent >= GOAL_PERCENT ? 0 : 1;
}

runToEnd(
  developersCommand(
    "npm run mutants --",
    "Changes one operator at a time of the folders that only decide, and shows the changes that no unit test notices.",
  )
    .option("--count <n>", "changes, taken at random", wholeNumber(1, 10_000), 300)
    .option("--seed <n>", "the same seed takes the same changes", wholeNumber(0, 4_294_967_295), 1)
    .option("--only <paths...>", "of sources whose path begins with one of these", [])
    .option("--workers <n>", "changes that are tried at the same time", wholeNumber(1, 64), 2)
    .option("--fresh", "forgets the results that earlier runs kept")
    .option("--json", "one JSON object in place of text")
    .addHelpText(
      "after",
      "\nExit status: 0 the goal is met, 1 it is missed or the run was interrupted, 2 invalid arguments.",
    )
    .action(withStatus(mutants)),
);
