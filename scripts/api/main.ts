import { copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { API_REPORTS, buildLibrary } from "../build/library.js";
import { LIBRARY_NAMES } from "../library/declarations.js";
import { developersCommand, runToEnd } from "../system/command-line.js";

const ROOT = resolve(import.meta.dirname, "../..");

runToEnd(
  developersCommand(
    "npm run api",
    "Builds the library and writes the report of its public API to docs/api/. A test fails while it is not up to date: what changes there, changes for users.",
  ).action(async () => {
    await buildLibrary(ROOT);
    await mkdir(join(ROOT, "docs/api"), { recursive: true });
    for (const name of LIBRARY_NAMES) {
      const file = `docs/api/${name}.api.md`;
      await copyFile(join(ROOT, API_REPORTS, `${name}.api.md`), join(ROOT, file));
      console.log(`wrote ${file}`);
    }
  }),
);
