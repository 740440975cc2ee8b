import { resolve } from "node:path";
import { packageRelease } from "./release.js";

for (const file of await packageRelease(resolve(import.meta.dirname, "../.."))) console.log(file);
