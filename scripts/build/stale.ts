import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "./replace-file.js";

/** What is made of what: files and folders, by their paths below `root`. */
export interface Making {
  readonly root: string;
  readonly from: readonly string[];
  readonly made: readonly string[];
  /** The file that remembers both, by their contents. Its folder is one that making makes. */
  readonly stamp: string;
}

/**
 * Calls `make` unless that was done with the same contents before, and what came of it is as it was. Contents count, not times: a checkout gives
 * files new times. Two that make the same at once do each other no harm where `make` does none. Returns whether it has made anything.
 */
export async function whereStale(
  { root, from, made, stamp }: Making,
  make: () => Promise<void>,
): Promise<boolean> {
  const [before, known] = await Promise.all([
    contentsOf(root, from),
    readFile(join(root, stamp), "utf8").catch(() => ""),
  ]);
  if (known !== "" && known === `${before} ${await contentsOf(root, made)}\n`) return false;
  await make();
  const text = `${before} ${await contentsOf(root, made)}\n`;
  await replaceFile(join(root, stamp), Buffer.from(text), 0o644);
  return true;
}

/** One hash of all files at these paths and below, with their names. What is missing counts as empty. */
async function contentsOf(root: string, paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => filesAt(root, path)))).flat().sort();
  const hash = createHash("sha256");
  for (const file of files) {
    const content = createHash("sha256").update(await readFile(join(root, file)).catch(() => ""));
    hash.update(`${file} ${content.digest("hex")}\n`);
  }
  return hash.digest("hex");
}

async function filesAt(root: string, path: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
