import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "../../scripts/system/command.js";
import { digestOf } from "./sample.js";
import { type Numbered, withSwitches } from "./switches.js";

/** A copy of the checkout, whose sources have all the changes behind switches. */
export interface Copy {
  readonly folder: string;
  /** A file's text as it was in the checkout; empty where there is no such file. */
  textOf(file: string): Promise<string>;
  remove(): Promise<void>;
}

/** Of what git tracks or would track, as it is in the checkout now; what is installed and built is the checkout's own. */
export async function copyCheckout(projectRoot: string, changes: readonly Numbered[]): Promise<Copy> {
  const folder = await newFolder(projectRoot);
  const argv = [
    "git",
    "-c",
    "core.quotePath=off",
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
  ] as const;
  const files = await runCommand(argv, { cwd: projectRoot, timeoutSeconds: 60 });
  for (const file of files.split("\n").filter(Boolean)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(projectRoot, file), join(folder, file)).catch(unlessGone);
  }
  // Tests ask git which files there are.
  for (const step of [
    ["init", "--quiet"],
    ["add", "--all"],
  ])
    await runCommand(["git", ...step], { cwd: folder, timeoutSeconds: 60 });
  for (const name of ["node_modules", "dist"]) await symlink(join(projectRoot, name), join(folder, name));

  const byFile = Map.groupBy(changes, ({ change }) => change.file);
  const sources = new Map<string, string>();
  for (const file of byFile.keys()) sources.set(file, await readFile(join(folder, file), "utf8"));
  for (const [file, source] of sources)
    await writeFile(join(folder, file), withSwitches(source, byFile.get(file) ?? []));

  return {
    folder,
    textOf: async (file) => sources.get(file) ?? readText(join(folder, file)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Empty where there is no such file. */
export const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** Named alike in each run: jest keeps what it compiled by its path. A run at the same time takes the next name. */
async function newFolder(projectRoot: string): Promise<string> {
  const name = `muster-mutants-${digestOf(projectRoot).slice(0, 8)}`;
  for (let number = 1; ; number += 1) {
    const folder = join(tmpdir(), `${name}-${number}`);
    const isNew = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
    if (isNew) return folder;
  }
}

const unlessGone = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "ENOENT") throw error;
};
