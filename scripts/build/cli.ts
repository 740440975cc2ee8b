import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildOptions } from "esbuild";
import { buildConsolePage } from "./console-page.js";
import { OLDEST_NODE } from "./oldest-node.js";
import { bundleLazily } from "./one-file.js";
import { replaceFile } from "./replace-file.js";

/** The `muster` command's one file, below the project's root: it needs Node.js and nothing else. */
export const CLI_BUNDLE = "dist/cli/muster.cjs";

/** Bundles the command with everything that it imports into one file; the same sources give the same bytes. Returns its path. */
export async function buildCli(root: string, outfile: string = join(root, CLI_BUNDLE)): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: ["scripts/cli/main.ts"],
    target: `node${OLDEST_NODE}`,
    mainFields: ["module", "main"],
    // The same as an ES module: of one in CommonJS all is loaded with what imports it, where there is no muster.yaml too.
    alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    minify: true,
    keepNames: true,
    define: {
      MUSTER_VERSION: JSON.stringify(version),
      MUSTER_CONSOLE_PAGE: JSON.stringify(await buildConsolePage(root)),
    },
    legalComments: "eof",
    logLevel: "warning",
  };
  await mkdir(dirname(outfile), { recursive: true });
  await replaceFile(outfile, await bundleLazily(options, header()), 0o755);
  return outfile;
}

/** Before anything else runs: a stack trace would not say that Node.js is too old. */
const header = (): string =>
  [
    "#!/usr/bin/env node",
    `if (parseInt(process.versions.node, 10) < ${OLDEST_NODE}) {`,
    `  console.error("muster: it needs Node.js ${OLDEST_NODE} or newer, and this is " + process.version + ". Get it from https://nodejs.org/en/download.");`,
    "  process.exit(1);",
    "}",
  ].join("\n");
