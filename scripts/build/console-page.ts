import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const PAGE = "scripts/cli/console/page";
/** Browsers that get updates: they know light-dark(). */
const TARGET = ["chrome123", "firefox121", "safari17.5"];

/** The page of `muster console`: its script and its style as JSON, packed, in base64; the same sources give the same text. */
export async function buildConsolePage(root: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { console: `${PAGE}/main.tsx`, style: `${PAGE}/style/console.css` },
    outdir: "dist/console",
    write: false,
    bundle: true,
    format: "iife",
    target: TARGET,
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "eof",
    logLevel: "warning",
  });
  const textOf = (name: string): string =>
    outputFiles.find(({ path }) => path.endsWith(`/${name}`))?.text ?? "";
  const page = { script: textOf("console.js"), style: textOf("style.css") };
  return gzipSync(JSON.stringify(page), { level: 9 }).toString("base64");
}
