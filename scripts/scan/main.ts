import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { provideCheckov } from "../setup/checkov.js";
import { developersCommand, runToEnd, withStatus } from "../system/command-line.js";
import { runProgram } from "../system/program.js";
import { ACCEPTED } from "./accepted.js";
import { DECLARATIONS } from "./declarations.js";
import { readReport, scanProblems } from "./findings.js";

const PROJECT_ROOT = resolve(import.meta.dirname, "../..");
const LIMIT_SECONDS = 300;
const SCANNER_FLAGS = [
  ...["--framework", "terraform_json", "--output", "json"],
  ...["--skip-download", "--compact", "--quiet"],
];

/** Runs a program in a folder and gives its standard output and its exit code, one of `codes`. */
async function outputOf(
  argv: readonly [string, ...string[]],
  { cwd, env, codes }: { cwd: string; env: Record<string, string>; codes: readonly number[] },
): Promise<string> {
  const [lines, complaints]: [string[], string[]] = [[], []];
  const { exitCode } = await runProgram(argv, {
    cwd,
    env: { ...process.env, ...env },
    timeoutSeconds: LIMIT_SECONDS,
    onLine: (line, stream) => (stream === "stdout" ? lines : complaints).push(line),
  });
  if (exitCode !== null && codes.includes(exitCode)) return lines.join("\n");
  const said = [...lines, ...complaints].join("\n").slice(-2_000);
  throw new Error(`${argv.join(" ")} ended with ${exitCode}:\n${said}`);
}

/** Synthesises every declaration into a folder of its own below `folder`, as cdktf does. */
async function synthesise(folder: string): Promise<void> {
  const one = async ([name, text]: [string, string]): Promise<void> => {
    const own = join(folder, name.replaceAll(" ", "-"));
    await mkdir(own);
    const config = join(own, "muster.yaml");
    await writeFile(config, text);
    await outputOf([process.execPath, "--import", "tsx", "stacks/main.ts"], {
      cwd: PROJECT_ROOT,
      env: { MUSTER_CONFIG: config, CDKTF_OUTDIR: join(own, "cdktf.out") },
      codes: [0],
    });
  };
  await Promise.all(Object.entries(DECLARATIONS).map(one));
}

/** The scanner's report as JSON. It asks no service: what it checks is in its package. 1: it has found something. */
const scan = (checkov: string, folder: string): Promise<string> =>
  outputOf([checkov, "--directory", folder, ...SCANNER_FLAGS], {
    cwd: folder,
    env: { LOG_LEVEL: "ERROR" },
    codes: [0, 1],
  });

async function scanStacks(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "muster-scan-"));
  try {
    const checkov = await provideCheckov(console.log);
    await synthesise(folder);
    const { passed, findings } = readReport(await scan(checkov, folder));
    const problems = scanProblems(findings, ACCEPTED);
    for (const problem of problems) console.error(problem);
    console.log(
      `${passed} checks passed; ${ACCEPTED.length} findings are accepted; ${problems.length} problems`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

runToEnd(
  developersCommand(
    "npm run scan",
    "Looks through the synthesised stacks for what is not safe, with a scanner of others' (checkov). Fails on what is neither mended nor accepted.",
  ).action(withStatus(scanStacks)),
);
