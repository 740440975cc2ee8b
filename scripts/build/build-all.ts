import { buildAgent } from "./agent.js";
import { buildProvider } from "./provider.js";

/** Each program of the project that is shipped as one file. They are independent of each other. */
const BUILDS = { agent: buildAgent, provider: buildProvider };

/** Builds them all, in seconds; the same sources give the same bytes. Fails with esbuild's message. */
export async function buildAll(root: string, say: (line: string) => void): Promise<void> {
  for (const [name, build] of Object.entries(BUILDS)) {
    const startedAtMs = Date.now();
    const file = await build(root);
    say(`${name}: ${file} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`);
  }
}
