import { resolve } from "node:path";
import { buildAll } from "./build-all.js";

await buildAll(resolve(import.meta.dirname, "../.."), console.log);
