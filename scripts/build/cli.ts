import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { buildConsolePage } from "./console-page.js";
import type { PartOptions } from "./lazy-parts.js";
import { OLDEST_NODE } from "./oldest-node.js";
import { bundleLazily } from "./one-file.js";
import { replaceFile } from "./replace-file.js";

/** The `muster` command's one file, below the project's root: it needs Node.js and nothing else. */
export const CLI_BUNDLE = "dist/cli/muster.cjs";
/** How the command keeps what Node.js has compiled of it. */
const CODE_CACHE = "scripts/cli/system/code-cache.ts";

/** Bundles the command with everything that it imports into one file; the same sources give the same bytes. Returns its path. */
export async function buildCli(root: string, outfile: string = join(root, CLI_BUNDLE)): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const options: PartOptions = {
    absWorkingDir: root,
    entryPoints: ["scripts/cli/main.ts"],
    apart: await schemaFiles(root),
    target: `node${OLDEST_NODE}`,
    mainFields: ["module", "main"],
    // The same as an ES module: of one in CommonJS all is loaded with what imports it, where there is no muster.yaml too.
    alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    minify: true,
    define: {
      MUSTER_VERSION: JSON.stringify(version),
      MUSTER_CONSOLE_PAGE: JSON.stringify(await buildConsolePage(root)),
    },
    legalComments: "eof",
    logLevel: "warning",
  };
  await mkdir(dirname(outfile), { recursive: true });
  await replaceFile(outfile, await bundleLazily(options, header(), CODE_CACHE), 0o755);
  return outfile;
}

/** The contract's files with schemas, each a part of its own: to make them all takes longer than most commands run, and most need none. */
export async function schemaFiles(root: string): Promise<Readonly<Record<string, string>>> {
  const folder = "agent/contract";
  const files = (await readdir(join(root, folder), { recursive: true })).filter((name) =>
    name.endsWith(".ts"),
  );
  const texts = await Promise.all(files.map((name) => readFile(join(root, folder, name), "utf8")));
  const withSchemas = files.filter((_name, at) => texts[at]?.includes('from "@sinclair/typebox'));
  return Object.fromEntries(
    withSchemas.sort().map((name) => [name.replace(/\.ts$/, "").replaceAll(sep, "-"), join(folder, name)]),
  );
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
