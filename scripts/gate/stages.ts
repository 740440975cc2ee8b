/** The gate's stages in the order they run: the fastest first, so that mistakes show early. */
export interface Stage {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** A jest stage counts its tests; any other stage counts as one. */
  readonly isJest: boolean;
}

const check = (name: string, ...argv: [string, ...string[]]): Stage => ({ name, argv, isJest: false });
const jestProject = (project: string, ...flags: string[]): Stage => ({
  name: project,
  argv: ["npx", "--no-install", "jest", "--selectProjects", project, ...flags],
  isJest: true,
});

/**
 * How many test files run at a time: each starts its own emulators, in its own folders and on free ports, and waits for programs half of its
 * time. More would take more memory than a small machine has.
 */
const AT_ONCE = "--maxWorkers=2";

export const STAGES: readonly Stage[] = [
  check("types", "npx", "--no-install", "tsc", "--noEmit"),
  // The page of the console runs in browsers, so it has other globals.
  check("page types", "npx", "--no-install", "tsc", "--noEmit", "-p", "scripts/cli/console/page"),
  check("lint", "npx", "--no-install", "biome", "check", "."),
  check("dead code", "npx", "--no-install", "knip"),
  check("scan", "npm", "run", "--silent", "scan"),
  jestProject("unit", AT_ONCE),
  jestProject("integration", AT_ONCE),
  // They share a cloud, and the machine's network.
  jestProject("e2e", "--runInBand"),
];

/** A stage's result. A stage that could not run counts as one failure, never as nothing. */
export interface StageResult {
  readonly stage: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

/** The part of jest's --json report that is counted. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Counts a jest stage. `report` is null if jest wrote none; a stage in which no test ran has failed. */
export function countJest(
  report: JestReport | null,
  exitCode: number | null,
): Omit<StageResult, "stage" | "seconds"> {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const endedBadly = failed === 0 && (exitCode !== 0 || report.numPassedTests === 0);
  return { passed: report.numPassedTests, failed: endedBadly ? 1 : failed, skipped: report.numPendingTests };
}

/** The gate's last line. */
export function summaryLine(results: readonly StageResult[]): string {
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    results.reduce((total, result) => total + result[key], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
