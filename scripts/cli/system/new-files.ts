import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { World } from "../core/world.js";

/** See World.makeFiles. */
export const makeFiles: World["makeFiles"] = async (folder, files) => {
  const there = await Promise.all(
    files.map(async ({ path }) => ((await exists(join(folder, path))) ? path : null)),
  );
  const found = there.filter((path) => path !== null);
  if (found.length > 0) return found;
  const made: string[] = [];
  try {
    for (const { path, text } of files) {
      const target = join(folder, path);
      const first = await mkdir(dirname(target), { recursive: true });
      if (first !== undefined) made.push(first);
      // Never over what was made in this moment: another process may do the same.
      await writeFile(target, text, { flag: "wx" });
      made.push(target);
    }
    return [];
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw error;
  }
};

/** A link that leads nowhere is there too. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
