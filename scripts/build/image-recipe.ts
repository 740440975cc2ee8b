import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { builderFiles, recipeFiles } from "../../agent/image/ingredients.js";
import { replaceFile } from "./replace-file.js";

/** Below dist/, and beside the provider's program in a release. */
export const RECIPE_FILE = "image-recipe.tar";
const AGENT_LAYER = "dist/agent-layer.tar";
/** So the same files make the same bytes. */
const LONG_AGO = new Date(0);

/**
 * Packs what a builder needs to make a node image: the recipe and its runner as the project has them, and the agent. The layer of the agent must
 * be packed. Returns the file's path.
 */
export async function packImageRecipe(root: string): Promise<string> {
  const tar = pack();
  for (const name of [...recipeFiles(root), ...builderFiles(root), AGENT_LAYER].sort()) {
    const path = join(root, name);
    const mode = ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755;
    const owner = { uid: 0, gid: 0, uname: "root", gname: "root" };
    tar.entry({ name, mode, mtime: LONG_AGO, ...owner }, await readFile(path));
  }
  tar.finalize();
  const file = join(root, "dist", RECIPE_FILE);
  await replaceFile(file, await buffer(tar), 0o644);
  return file;
}
