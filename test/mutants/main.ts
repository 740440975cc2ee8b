import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand } from "../../scripts/system/command.js";
import { developersCommand, runToEnd, wholeNumber, withStatus } from "../../scripts/system/command-line.js";
import { type Change, changesIn } from "./changes.js";
import { copyCheckout } from "./copy.js";
import { describeChange, GOAL_PERCENT, type Mutant, noticedPercent, renderMutants } from "./report.js";
import { sampleOf } from "./sample.js";

/** The folders that decide and do nothing else: unit tests alone have to notice a change there. */
const FOLDERS = [
  ...["agent/jobs", "agent/head", "agent/lease", "agent/contract", "agent/launcher", "agent/peers"],
  ...["provider/core", "provider/resources", "stacks/config"],
];

interface MutantsOptions {
  readonly count: number;
  readonly seed: number;
  readonly from: number;
  readonly json?: true;
}

async function changesOf(projectRoot: string): Promise<readonly Change[]> {
  const listed = await runCommand(["git", "ls-files", "--", ...FOLDERS.map((folder) => `${folder}/**.ts`)], {
    ...{ cwd: projectRoot, timeoutSeconds: 60 },
  });
  const files = listed.split("\n").filter((file) => file.endsWith(".ts"));
  const all = await Promise.all(
    files.map(async (file) => changesIn(file, await readFile(join(projectRoot, file), "utf8"))),
  );
  return all.flat();
}

async function mutants({ count, seed, from, json }: MutantsOptions): Promise<number> {
  const projectRoot = resolve(import.meta.dirname, "../..");
  const all = await changesOf(projectRoot);
  const sample = sampleOf(all, from + count, seed).slice(from);
  console.error(`${sample.length} of ${all.length} changes; first the unit tests as they are`);
  const copy = await copyCheckout(projectRoot);
  const tried: Mutant[] = [];
  try {
    await copy.prove();
    for (const change of sample) {
      const isNoticed = await copy.isNoticed(change);
      tried.push({ change, isNoticed });
      console.error(`${tried.length}: ${isNoticed ? "noticed" : "ALIVE"}: ${describeChange(change)}`);
    }
  } finally {
    await copy.remove();
  }
  console.log(
    json ? JSON.stringify({ seed, percent: noticedPercent(tried), mutants: tried }) : renderMutants(tried),
  );
  return noticedPercent(tried) >= GOAL_PERCENT ? 0 : 1;
}

runToEnd(
  developersCommand(
    "npm run mutants --",
    "Changes one operator at a time of the folders that only decide, and shows the changes that no unit test notices.",
  )
    .option("--count <n>", "changes, taken at random", wholeNumber(1, 10_000), 300)
    .option("--seed <n>", "the same seed takes the same changes", wholeNumber(0, 4_294_967_295), 1)
    .option("--from <n>", "leaves out so many of the first", wholeNumber(0, 10_000), 0)
    .option("--json", "one JSON object in place of text")
    .addHelpText("after", "\nExit status: 0 the goal is met, 1 it is missed, 2 invalid arguments.")
    .action(withStatus(mutants)),
);
