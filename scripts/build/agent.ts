import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { OLDEST_NODE } from "./oldest-node.js";

/** The agent's one file, below the project's root; an image has it at /usr/lib/muster/muster-agent.cjs. */
const AGENT_BUNDLE = "dist/agent/muster-agent.cjs";

/**
 * Bundles the agent with everything that it imports into one file; the same sources give the same bytes. Returns its path.
 * Names are not minified, so that people can read the stack traces in the journal.
 */
export async function buildAgent(root: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const outfile = join(root, AGENT_BUNDLE);
  await build({
    absWorkingDir: root,
    entryPoints: ["agent/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${OLDEST_NODE}`,
    // Through require: the SDK's import("node:http") would load the ES module loader, and all of undici with its facade.
    supported: { "dynamic-import": false },
    mainFields: ["module", "main"],
    // Its ES module asks at its load where its file is, by import.meta.url, which a bundle in CommonJS does not have.
    alias: { "node-cron": join(root, "node_modules/node-cron/dist/node-cron.cjs") },
    minifyWhitespace: true,
    minifySyntax: true,
    define: { MUSTER_VERSION: JSON.stringify(version) },
    legalComments: "eof",
    logLevel: "warning",
  });
  return outfile;
}
