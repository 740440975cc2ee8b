import { buildAgent } from "./agent.js";
import { buildCli } from "./cli.js";
import { buildProvider } from "./provider.js";

/** Each program of the project that is shipped as one file. They are independent of each other. */
const BUILDS: Readonly<Record<string, (root: string) => Promise<string>>> = {
  agent: buildAgent,
  provider: (root) => buildProvider(root),
  cli: (root) => buildCli(root),
};

/** Builds those named, by default all, in seconds; the same sources give the same bytes. Fails with esbuild's message. */
export async function buildAll(
  root: string,
  say: (line: string) => void,
  names: readonly string[] = Object.keys(BUILDS),
): Promise<void> {
  for (const name of names) {
    const build = BUILDS[name];
    if (build === undefined)
      throw new Error(`There is no program ${name}: ${Object.keys(BUILDS).join(", ")}.`);
    const startedAtMs = Date.now();
    const file = await build(root);
    say(`${name}: ${file} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`);
  }
}
