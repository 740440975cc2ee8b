import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { isSea } from "node:sea";

/** The recipe's archive, as `npm run build` and a release have it. */
export const RECIPE_FILE = "image-recipe.tar";

/** The provider's own file. In an executable with Node.js in it the second argument is only what the caller typed. */
const ownProgram = (): string => (isSea() ? process.execPath : (process.argv[1] ?? process.execPath));

/**
 * The path of the recipe that comes with the provider: beside the program, as a release has it; for one in the dist/terraform-mirror/ of a
 * checkout or of the package, in dist/. Nowhere else: who writes this file writes the programs of nodes. The file may be missing.
 */
export function ownRecipe(file: string = ownProgram()): string {
  const program = realpathSync(file);
  const beside = join(dirname(program), RECIPE_FILE);
  const [above = "", inMirror] = program.split(`${sep}terraform-mirror${sep}`);
  return existsSync(beside) || inMirror === undefined ? beside : join(above, RECIPE_FILE);
}
