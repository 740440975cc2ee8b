import { buildAgent } from "./agent.js";
import { packAgentLayer } from "./agent-layer.js";
import { buildCli } from "./cli.js";
import { packImageRecipe } from "./image-recipe.js";
import { buildLibrary } from "./library.js";
import { buildProvider } from "./provider.js";
import { whereStale } from "./stale.js";

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
const CHECKOUT_PROGRAMS = PROGRAM_NAMES.filter((name) => name !== "library");
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

/** What the programs of a checkout are made of: packages by the lock file, which is what is installed. */
const FROM = ["agent", "provider", "scripts", "stacks", "package.json", "package-lock.json", "tsconfig.json"];
const MADE = ["agent", "cli", "terraform-mirror", "agent-layer.tar", "image-recipe.tar"];

/** Builds what a checkout needs, where it is not there already as these sources make it. Each set-up asks, and a build takes seconds. */
export const buildCheckout = (root: string): Promise<boolean> =>
  whereStale(
    { root, from: FROM, made: MADE.map((name) => `dist/${name}`), stamp: "dist/checkout.sha256" },
    () => buildAll(root, () => undefined, CHECKOUT_PROGRAMS),
  );
