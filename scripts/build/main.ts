import { resolve } from "node:path";
import { buildProvider } from "./provider.js";

/** Each program of the project that is shipped as one file. They are independent of each other. */
const BUILDS = { provider: buildProvider };

const root = resolve(import.meta.dirname, "../..");
const started = performance.now();
for (const [name, build] of Object.entries(BUILDS)) {
  const file = await build(root);
  console.log(`${name}: ${file} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
