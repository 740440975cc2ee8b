import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
  /** The packed package. */
  readonly packed: string;
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

/** The lowest version of each package that the package's peer ranges take. */
export async function lowestPeers(): Promise<Readonly<Record<string, string>>> {
  const { peerDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    peerDependencies: Readonly<Record<string, string>>;
  };
  return Object.fromEntries(
    Object.entries(peerDependencies).map(([name, range]) => {
      const [, lowest] = /^\^(\d+\.\d+\.\d+)$/.exec(range) ?? [];
      if (lowest === undefined)
        throw new Error(`the range of ${name} is "${range}": its lowest version is not clear`);
      return [name, lowest];
    }),
  );
}

/**
 * Builds the library, packs the package, and installs it in a copy of examples/library. `others`: one that is packed already, with `peers` in place of
 * the versions that the sample declares. npm is not forced: it fails where a version is not in the range of another's.
 */
export async function installSample(others?: {
  readonly packed: string;
  readonly peers: Readonly<Record<string, string>>;
}): Promise<SampleProject> {
  const work = await mkdtemp(join(tmpdir(), "muster-package-"));
  const folder = join(work, "project");
  const run = (argv: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}) =>
    runCommand(argv, { cwd: folder, env: { ...process.env, ...env }, timeoutSeconds: NPM_SECONDS });
  try {
    const packed = others?.packed ?? (await packPackage(work));
    await cp(join(ROOT, "examples/library"), folder, {
      recursive: true,
      filter: (path) => !/\/(node_modules|cdktf\.out)$/.test(path),
    });
    if (others === undefined) await run(["npm", "ci", ...NPM_FLAGS]);
    else await declare(folder, others.peers);
    await run(["npm", "install", "--no-save", ...NPM_FLAGS, packed]);
    return { folder, packed, run, remove: () => rm(work, { recursive: true, force: true }) };
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

/** Other versions of what the sample depends on: its lock file has the former ones. */
async function declare(folder: string, peers: Readonly<Record<string, string>>): Promise<void> {
  const file = join(folder, "package.json");
  const declared = JSON.parse(await readFile(file, "utf8")) as { dependencies: Record<string, string> };
  await writeFile(
    file,
    JSON.stringify({ ...declared, dependencies: { ...declared.dependencies, ...peers } }),
  );
  await rm(join(folder, "package-lock.json"));
}
