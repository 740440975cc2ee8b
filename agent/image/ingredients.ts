import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where the recipe is, from the project's root. */
export const RECIPE_FOLDER = "agent/image";

/** What the base image is made of, inside RECIPE_FOLDER. The agent is not among it: it is a layer of its own. */
const INGREDIENTS = [
  ...[
    "recipe.sh",
    "check-mpi.sh",
    "check-notebook.sh",
    "hydra.sh",
    "intel-mpi.sh",
    "session-manager.sh",
    "efs-utils.sh",
  ],
  ...[
    "packages.txt",
    "requirements.txt",
    "node.txt",
    "hydra.txt",
    "intel-mpi.txt",
    "uv.txt",
    "notebook.txt",
    "efs-utils.txt",
  ],
  "session-manager.asc",
  "files",
];

/** The recipe's files, from the project's root. */
export const recipeFiles = (projectFolder: string): readonly string[] =>
  INGREDIENTS.flatMap((name) => listFiles(projectFolder, join(RECIPE_FOLDER, name))).sort();

/** What runs on a builder beside the recipe: its runner, the checks, the cleaning. From the project's root. */
export const builderFiles = (projectFolder: string): readonly string[] =>
  listFiles(projectFolder, join(RECIPE_FOLDER, "builder")).sort();

/** 16 hex digits that change with any of the files: with its path from the project's root, its content, or whether it can be run. */
export function keyOfFiles(projectFolder: string, files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const path = join(projectFolder, file);
    const content = readFileSync(path);
    const isExecutable = (statSync(path).mode & 0o100) !== 0;
    hash.update(`${file}\0${isExecutable}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

function listFiles(projectFolder: string, name: string): string[] {
  const path = join(projectFolder, name);
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path).flatMap((entry) => listFiles(projectFolder, join(name, entry)));
}
