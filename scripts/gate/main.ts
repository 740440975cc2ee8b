import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Argument } from "commander";
import { buildImage } from "../image/build.js";
import { provideChromium } from "../setup/chromium.js";
import { provideMinistack } from "../setup/ministack.js";
import { setUp } from "../setup/set-up.js";
import { developersCommand, runToEnd, withStatus } from "../system/command-line.js";
import {
  countJest,
  type JestReport,
  lastEndMs,
  planRuns,
  type Run,
  STAGES,
  type StageResult,
  summaryLine,
} from "./stages.js";

const NAMES = STAGES.map(({ name }) => name);

function readReport(file: string): JestReport | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as JestReport;
  } catch {
    return null; // jest ended before it wrote one: countJest counts that as a failure
  }
}

/** Runs a program of the gate to its end; gives a result for each of its stages. */
function runToResults({ stages, argv, isJest }: Run, scratch: string): readonly StageResult[] {
  const title = stages.join(" and ");
  console.log(`\n== ${title}: ${argv.join(" ")}`);
  const startedAtMs = Date.now();
  const reportFile = join(scratch, `${title}.json`);
  const [command, ...args] = argv;
  const reporting = isJest ? ["--json", `--outputFile=${reportFile}`] : [];
  // jest prints its progress on stderr; its --json on stdout is in the file too.
  const end = spawnSync(command, [...args, ...reporting], {
    stdio: ["ignore", isJest ? "ignore" : "inherit", "inherit"],
  });
  const endedAtMs = Date.now();
  const report = isJest ? readReport(reportFile) : null;
  return stages.map((stage) => {
    const isGood = end.status === 0;
    const counts = isJest
      ? countJest(report, stage, end.status)
      : { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 };
    const seconds = Math.round(((lastEndMs(report, stage) ?? endedAtMs) - startedAtMs) / 1000);
    console.log(`== ${stage}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
    return { stage, ...counts, seconds };
  });
}

async function runStages(names: readonly string[]): Promise<number> {
  const chosen = STAGES.filter((stage) => names.includes(stage.name));
  const projectRoot = resolve(import.meta.dirname, "../..");
  const say = (line: string): void => console.log(`set-up: ${line}`);
  const { env } = await setUp({ projectRoot, say });
  // Without it the other stages are still worth running: the tests that need it fail, and say why.
  for (const [stages, provide] of [
    [["integration"], provideMinistack],
    [["integration", "e2e"], provideChromium],
    // Once, and not by each of the files that start clouds at the same time.
    [["e2e"], () => buildImage(projectRoot, say)],
  ] as const)
    if (chosen.some(({ name }) => (stages as readonly string[]).includes(name)))
      await provide(say).catch((error: Error) => say(error.message));
  Object.assign(process.env, env);
  const scratch = mkdtempSync(join(tmpdir(), "muster-test-"));
  try {
    const results = planRuns(chosen).flatMap((run) => runToResults(run, scratch));
    console.log("");
    for (const { stage, passed, failed, seconds } of results) {
      console.log(`${stage.padEnd(12)} ${String(seconds).padStart(4)} s  ${passed} passed, ${failed} failed`);
    }
    console.log(summaryLine(results));
    return results.some((result) => result.failed > 0) ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A gate that could not run has failed, and its last line says so. */
const runOrFail = (names: readonly string[]): Promise<number> =>
  runStages(names).catch((error: Error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed");
    return 1;
  });

runToEnd(
  developersCommand("./scripts/test", "All set-up, then everything that CI runs.")
    .addArgument(
      new Argument("[stage...]", "which to run, in their order").choices(NAMES).default(NAMES, "all"),
    )
    .addHelpText(
      "after",
      '\nThe last line reads "N passed, M failed". Exit status: 0 nothing failed, 1 something failed, 2 invalid arguments.',
    )
    .action(withStatus(runOrFail)),
);
