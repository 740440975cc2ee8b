import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../scripts/system/command.js";
import { type Change, changesIn } from "./changes.js";

/** The folders that decide and do nothing else: unit tests alone have to notice a change there. */
const FOLDERS = [
  ...["agent/jobs", "agent/head", "agent/lease", "agent/contract", "agent/launcher", "agent/peers"],
  ...["provider/core", "provider/resources", "stacks/config"],
];

/** Every change of their sources, or of those whose path begins with one of `only`. Fails where there is no such source. */
export async function changesOf(projectRoot: string, only: readonly string[]): Promise<readonly Change[]> {
  const listed = await runCommand(["git", "ls-files", "--", ...FOLDERS.map((folder) => `${folder}/**.ts`)], {
    ...{ cwd: projectRoot, timeoutSeconds: 60 },
  });
  const files = listed.split("\n").filter((file) => file.endsWith(".ts"));
  const wanted = files.filter((file) => only.length === 0 || only.some((path) => file.startsWith(path)));
  if (wanted.length === 0)
    throw new Error(`No source of ${FOLDERS.join(", ")} begins with ${only.join(" or ")}.`);
  const all = await Promise.all(
    wanted.map(async (file) => changesIn(file, await readFile(join(projectRoot, file), "utf8"))),
  );
  return all.flat();
}
