import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { declareLibrary, LIBRARY, LIBRARY_NAMES } from "../library/declarations.js";
import { OLDEST_NODE } from "./oldest-node.js";
import { replaceFile } from "./replace-file.js";

/** What cdktf runs in a project that has the package and a muster.yaml; it exports nothing. */
const APP = "stacks/packaged/main.ts";

/** Where a build reports the library's public API, below the project's root; docs/api/ has what it should be. */
export const API_REPORTS = "dist/api";

/**
 * Builds the library into dist/: `stacks/index.cjs` and `bindings/index.cjs`, each with its declarations (`.d.cts`), and `stacks/main.cjs`,
 * which is muster.yaml's app. CommonJS, which both `import` and `require` load. cdktf, its constructs and the AWS provider's classes are
 * the user's own; everything else is inside. Returns the first of these files.
 */
export async function buildLibrary(root: string): Promise<string> {
  const folder = (name: string): string => join(root, "dist", name);
  const declared = await declareLibrary(root);
  const reports = join(root, API_REPORTS);
  await mkdir(reports, { recursive: true });
  for (const name of LIBRARY_NAMES) {
    await bundle(root, `${LIBRARY[name]}.ts`, join(folder(name), "index.cjs"));
    await replaceFile(join(folder(name), "index.d.cts"), Buffer.from(declared[name].declarations), 0o644);
    await replaceFile(join(reports, `${name}.api.md`), Buffer.from(declared[name].report), 0o644);
  }
  await bundle(root, APP, join(folder("stacks"), "main.cjs"));
  return join(folder("stacks"), "index.cjs");
}

async function bundle(root: string, entry: string, outfile: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${OLDEST_NODE}`,
    mainFields: ["module", "main"],
    external: ["cdktf", "constructs", "@cdktf/provider-aws/*"],
    plugins: [oneOfEach],
    // People step through it, and see its names in stack traces.
    minify: false,
    legalComments: "eof",
    logLevel: "warning",
  });
  await mkdir(dirname(outfile), { recursive: true });
  await replaceFile(outfile, outputFiles[0]?.contents ?? new Uint8Array(), 0o644);
}

/** The stacks use the bindings' own file, so that a class exists once. */
const oneOfEach: Plugin = {
  name: "one-of-each",
  setup({ onResolve }) {
    onResolve({ filter: /\/provider\/bindings\/index\.js$/ }, () => ({
      path: "../bindings/index.cjs",
      external: true,
    }));
  },
};
