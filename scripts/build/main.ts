import { resolve } from "node:path";
import { buildAll } from "./build-all.js";

// `npm run build`, or `npm run build -- NAME ...` for some of the programs. What it says goes to stderr: a command may start it.
const names = process.argv.slice(2);
await buildAll(resolve(import.meta.dirname, "../.."), console.error, names.length === 0 ? undefined : names);
