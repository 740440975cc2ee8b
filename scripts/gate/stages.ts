/** The gate's stages in the order they run: the fastest first, so that mistakes show early. */
export interface Stage {
  readonly name: string;
  /** A check's program. Null: jest runs the project of the stage's name; it counts its tests, any other stage counts as one. */
  readonly argv: readonly [string, ...string[]] | null;
}

const check = (name: string, ...argv: [string, ...string[]]): Stage => ({ name, argv });
const jestProject = (name: string): Stage => ({ name, argv: null });

export const STAGES: readonly Stage[] = [
  check("types", "npx", "--no-install", "tsc", "--noEmit"),
  // The page of the console runs in browsers, so it has other globals.
  check("page types", "npx", "--no-install", "tsc", "--noEmit", "-p", "scripts/cli/console/page"),
  check("lint", "npx", "--no-install", "biome", "check", "."),
  check("dead code", "npx", "--no-install", "knip"),
  check("scan", "npm", "run", "--silent", "scan"),
  jestProject("unit"),
  jestProject("integration"),
  jestProject("e2e"),
];

/** Two stages that are in one run of jest, which gives the next file of either to the worker that is free. */
const TOGETHER: readonly string[] = ["integration", "e2e"];

/**
 * How many test files run at a time: each starts its own emulators and clouds, in its own folders and on free ports. Those of `unit` compute.
 * Those of `integration` and `e2e` wait for programs, nodes and leases for more than half of their time, so a third one keeps two cores busy;
 * a fourth would make all wait for the cores.
 */
const AT_ONCE = { unit: 2, together: 3 } as const;

/** One program of the gate, and the stages that it is. */
export interface Run {
  readonly stages: readonly [string, ...string[]];
  readonly argv: readonly [string, ...string[]];
  readonly isJest: boolean;
}

/** The runs of these stages, in their order. Pure. */
export function planRuns(stages: readonly Stage[]): readonly Run[] {
  const together = stages.filter(({ name }) => TOGETHER.includes(name)).map(({ name }) => name);
  return stages.flatMap(({ name, argv }): Run[] => {
    if (argv !== null) return [{ stages: [name], argv, isJest: false }];
    const [first, ...others] = together.includes(name) ? together : [name];
    return first === name ? [jestRun([first, ...others])] : [];
  });
}

function jestRun(projects: readonly [string, ...string[]]): Run {
  const workers = TOGETHER.includes(projects[0]) ? AT_ONCE.together : AT_ONCE.unit;
  const argv = ["npx", "--no-install", "jest", "--selectProjects", ...projects] as const;
  return { stages: projects, argv: [...argv, `--maxWorkers=${workers}`], isJest: true };
}

/** A stage's result. A stage that could not run counts as one failure, never as nothing. */
export interface StageResult {
  readonly stage: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** From its run's start to the end of its last file. */
  readonly seconds: number;
}

/** The part of jest's --json report that is counted: a file each. */
export interface JestReport {
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    /** Milliseconds since 1970. */
    readonly endTime: number;
    /** None where the file could not run. */
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

type Counts = Omit<StageResult, "stage" | "seconds">;

/**
 * Counts a project's part of a run of jest. `report` is null if jest wrote none; a project in which no test ran has failed, and so has each of a
 * run that ended badly though no test failed.
 */
export function countJest(report: JestReport | null, project: string, exitCode: number | null): Counts {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const { failed, ...counts } = countFiles(filesOf(report, project));
  const endedBadly = exitCode !== 0 && countFiles(report.testResults).failed === 0;
  return { ...counts, failed: failed === 0 && (endedBadly || counts.passed === 0) ? 1 : failed };
}

/** When the project's last file ended; null: it has none. Milliseconds since 1970. */
export function lastEndMs(report: JestReport | null, project: string): number | null {
  const ends = report === null ? [] : filesOf(report, project).map(({ endTime }) => endTime);
  return ends.length === 0 ? null : Math.max(...ends);
}

const filesOf = ({ testResults }: JestReport, project: string): JestReport["testResults"] =>
  testResults.filter(({ name }) => name.includes(`/test/${project}/`));

function countFiles(files: JestReport["testResults"]): Counts {
  const tests = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (...statuses: string[]): number => tests.filter((status) => statuses.includes(status)).length;
  const failedFiles = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: count("passed"),
    failed: count("failed") + failedFiles.length,
    skipped: count("pending", "skipped", "todo", "disabled"),
  };
}

/** The gate's last line. */
export function summaryLine(results: readonly StageResult[]): string {
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    results.reduce((total, result) => total + result[key], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
