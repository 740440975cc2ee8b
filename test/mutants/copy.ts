import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "../../scripts/system/command.js";
import { runProgram } from "../../scripts/system/program.js";
import { type Change, changed } from "./changes.js";

/** What hangs because of a change is noticed. */
const RUN_LIMIT_SECONDS = 300;
const UNIT = ["jest", "--selectProjects", "unit", "--maxWorkers=1", "--bail", "--silent"] as const;

/** A copy of the checkout, in which sources are changed. */
export interface Copy {
  readonly folder: string;
  /** Fails unless all unit tests pass there as it is. */
  prove(): Promise<void>;
  /** Makes the change, runs the tests that have to do with its file, and takes it back. True: one failed. */
  isNoticed(change: Change): Promise<boolean>;
  remove(): Promise<void>;
}

/** Of what git tracks, as it is in the checkout now. */
export async function copyCheckout(projectRoot: string): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "muster-mutants-"));
  const files = (
    await runCommand(["git", "-c", "core.quotePath=off", "ls-files"], {
      cwd: projectRoot,
      timeoutSeconds: 60,
    })
  )
    .split("\n")
    .filter(Boolean);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(projectRoot, file), join(folder, file)).catch(unlessGone);
  }
  for (const name of ["node_modules", "dist"]) await symlink(join(projectRoot, name), join(folder, name));
  const tests = await testsOf(folder);

  /** Whether a test failed, or they did not end. */
  async function fails(args: readonly string[]): Promise<boolean> {
    const argv = ["nice", "-n", "19", "npx", "--no-install", ...UNIT, ...args] as const;
    const end = await runProgram(argv, {
      ...{ cwd: folder, env: process.env, timeoutSeconds: RUN_LIMIT_SECONDS, onLine: () => undefined },
    });
    return end.exitCode !== 0;
  }

  return {
    folder,
    async prove() {
      if (await fails([])) throw new Error("The unit tests fail without a change: run `npm run test:unit`.");
    },
    async isNoticed(change) {
      const path = join(folder, change.file);
      const source = await readFile(path, "utf8");
      await writeFile(path, changed(source, change));
      try {
        // The nearest tests notice most changes, in a fraction of the time of all that have to do with a file.
        const near = nearest(change.file, tests);
        if (near.length > 0 && (await fails(["--runTestsByPath", ...near]))) return true;
        return await fails(["--findRelatedTests", path]);
      } finally {
        await writeFile(path, source);
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const unlessGone = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "ENOENT") throw error;
};

/** The unit tests' files with their texts. */
async function testsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(join(folder, "test/unit"), { recursive: true });
  const files = names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, "test/unit", name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, "utf8")] as const)));
}

/** Those that import the file themselves. */
const nearest = (file: string, tests: ReadonlyMap<string, string>): readonly string[] =>
  [...tests].filter(([, text]) => text.includes(`/${file.replace(/\.ts$/, ".js")}"`)).map(([test]) => test);
