import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";

const ROOT = resolve(__dirname, "../../..");
const NPM_SECONDS = 240;
/** Packages come from npm's cache wherever it has them: the checkout's own are the same ones. */
const NPM_FLAGS = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"] as const;

/** A copy of a sample project, in which the packed package is installed. Remove it in afterAll. */
export interface SampleProject {
  readonly folder: string;
  /** Runs a program there and gives its stdout; fails with the end of its stderr. */
  run(argv: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

/** Builds all that the package has, and packs it into `folder`. Gives the file. */
export async function packPackage(folder: string): Promise<string> {
  const parts = ["provider", "cli", "agent", "layer", "recipe", "library"];
  await runCommand(["npm", "run", "--silent", "build", "--", ...parts], {
    cwd: ROOT,
    timeoutSeconds: NPM_SECONDS,
  });
  // What it would build is built.
  const pack = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder] as const;
  const said = await runCommand([...pack], { cwd: ROOT, timeoutSeconds: NPM_SECONDS });
  return join(folder, said.trim().split("\n").at(-1) ?? "");
}

/** Builds the library, packs the package, and installs it in a copy of examples/library. */
export async function installSample(): Promise<SampleProject> {
  const work = await mkdtemp(join(tmpdir(), "muster-package-"));
  const folder = join(work, "project");
  const run = (argv: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}) =>
    runCommand(argv, { cwd: folder, env: { ...process.env, ...env }, timeoutSeconds: NPM_SECONDS });
  try {
    await cp(join(ROOT, "examples/library"), folder, {
      recursive: true,
      filter: (path) => !/\/(node_modules|cdktf\.out)$/.test(path),
    });
    const packed = await packPackage(work);
    await run(["npm", "ci", ...NPM_FLAGS]);
    await run(["npm", "install", "--no-save", ...NPM_FLAGS, packed]);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
  return { folder, run, remove: () => rm(work, { recursive: true, force: true }) };
}
