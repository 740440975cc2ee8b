import { buildAgent } from "./agent.js";
import { packAgentLayer } from "./agent-layer.js";
import { buildCli } from "./cli.js";
import { packImageRecipe } from "./image-recipe.js";
import { buildLibrary } from "./library.js";
import { buildProvider } from "./provider.js";

/**
 * The programs that are shipped as one file each; what makes a Debian a node, with the programs before it; and the library.
 */
const BUILDS = {
  agent: buildAgent,
  provider: (root) => buildProvider(root),
  cli: (root) => buildCli(root),
  layer: (root) => packAgentLayer(root),
  recipe: (root) => packImageRecipe(root),
  library: buildLibrary,
} as const satisfies Readonly<Record<string, (root: string) => Promise<string>>>;

type ProgramName = keyof typeof BUILDS;
/** Everything that can be built. */
export const PROGRAM_NAMES = Object.keys(BUILDS) as readonly ProgramName[];
/** What a checkout needs to deploy and to run jobs. */
export const CHECKOUT_PROGRAMS = PROGRAM_NAMES.filter((name) => name !== "library");
/** The recipe of images, and what goes into it. */
export const RECIPE_PROGRAMS = ["agent", "cli", "layer", "recipe"] as const satisfies readonly ProgramName[];

/** Builds those named, by default all, in seconds; the same sources give the same bytes. Fails with esbuild's message. */
export async function buildAll(
  root: string,
  say: (line: string) => void,
  names: readonly ProgramName[] = PROGRAM_NAMES,
): Promise<void> {
  for (const name of names) {
    const startedAtMs = Date.now();
    const file = await BUILDS[name](root);
    say(`${name}: ${file} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`);
  }
}
