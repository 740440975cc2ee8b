import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { OLDEST_NODE } from "./oldest-node.js";
import { replaceFile } from "./replace-file.js";

/** What starts the agent, below the project's root; an image has it at /usr/lib/muster/muster-agent.cjs. */
const AGENT_LOADER = "dist/agent/muster-agent.cjs";
/** The agent itself, beside it: a script that gives one function, which agent/load.ts calls. */
const AGENT_PROGRAM = "muster-agent-program.js";
const WRAPPED = {
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
} as const;

/**
 * Packages that most nodes never need: clients of the SDK, and a notebook's proxy with its HTTP client. Each is a file beside the agent's,
 * which Node.js reads at its first use: in the agent's own file they would take 12 MB of memory on every node, and a tenth of its start.
 */
const RARE_PACKAGES = {
  "@aws-sdk/client-auto-scaling": {
    name: "auto-scaling",
    contents: 'export * from "@aws-sdk/client-auto-scaling";',
  },
  "@aws-sdk/client-ec2": { name: "ec2", contents: 'export * from "@aws-sdk/client-ec2";' },
  "@aws-sdk/client-sts": { name: "sts", contents: 'export * from "@aws-sdk/client-sts";' },
  "@fastify/http-proxy": { name: "http-proxy", contents: 'module.exports = require("@fastify/http-proxy");' },
} as const;
const rareFile = (name: string): string => `muster-agent-${name}.cjs`;

/**
 * Bundles the agent with everything that it imports into one file, and its rare packages and what starts it into one each beside it; the same
 * sources give the same bytes. Returns the path of what starts it. Names are not minified, so that people can read the stack traces in the journal.
 */
export async function buildAgent(root: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const outfile = join(root, AGENT_LOADER);
  const common = commonOptions(root);
  await mkdir(dirname(outfile), { recursive: true });
  await buildFile({ ...common, entryPoints: ["agent/load.ts"], outfile });
  await buildFile({
    ...common,
    ...WRAPPED,
    entryPoints: ["agent/main.ts"],
    outfile: join(dirname(outfile), AGENT_PROGRAM),
    plugins: [rarePackages],
    define: { MUSTER_VERSION: JSON.stringify(version) },
  });
  for (const { name, contents } of Object.values(RARE_PACKAGES)) {
    const stdin = { contents, resolveDir: root, sourcefile: rareFile(name) };
    await buildFile({ ...common, stdin, outfile: join(dirname(outfile), rareFile(name)) });
  }
  return outfile;
}

/** A cloud that starts meanwhile copies the complete old file or the complete new one. */
async function buildFile(options: BuildOptions & { readonly outfile: string }): Promise<void> {
  const { outputFiles } = await build({ ...options, write: false });
  await replaceFile(options.outfile, outputFiles[0]?.contents ?? new Uint8Array(), 0o644);
}

const commonOptions = (root: string): BuildOptions => ({
  absWorkingDir: root,
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
  legalComments: "eof",
  logLevel: "warning",
});

/** An import of a rare package becomes one of the file beside the agent's. */
const rarePackages: Plugin = {
  name: "rare-packages",
  setup({ onResolve }) {
    for (const [imported, { name }] of Object.entries(RARE_PACKAGES))
      onResolve({ filter: new RegExp(`^${imported}$`) }, () => ({
        path: `./${rareFile(name)}`,
        external: true,
      }));
  },
};
