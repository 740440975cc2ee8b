import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { OLDEST_NODE } from "./oldest-node.js";
import { protocolOf } from "./protocol.js";
import { replaceFile } from "./replace-file.js";
import { bundleInTwo } from "./two-files.js";

/** The same files run wherever Node.js does. */
export const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

const BUNDLE = {
  target: `node${OLDEST_NODE}`,
  minify: true,
  legalComments: "eof",
  // The SDK's CommonJS files are whole services; of its ES modules only used ones are bundled. It loads in a third of the time.
  mainFields: ["module", "main"],
  logLevel: "warning",
} as const satisfies BuildOptions;

/** The mirror that a `filesystem_mirror` block names, below the project's root. */
export const MIRROR = "dist/terraform-mirror";

/** Beside the program: what not every start needs. */
export const PARTS_FILE = "provider.parts";

/** The provider as Terraform starts it, and as an executable with Node.js in it has it. */
export interface ProviderProgram {
  /** The project's. */
  readonly version: string;
  readonly program: Buffer;
  /** Without what finds Node.js; it reads its parts from an asset named PARTS_FILE. */
  readonly script: Buffer;
  readonly parts: Buffer;
}

/** The provider that `entry` starts. The same sources give the same bytes, which Terraform's lock file demands. */
export async function bundleProvider(
  root: string,
  entry: string = "provider/main.ts",
): Promise<ProviderProgram> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: [entry],
    ...BUNDLE,
    plugins: [protoFiles, preparedAnswers(root)],
  };
  const { program, forExecutable, parts } = await bundleInTwo(options, PARTS_FILE, INCOMPLETE);
  return {
    version,
    program: Buffer.from(`${header()}${program}\n`),
    script: Buffer.from(`${forExecutable}\n`),
    parts,
  };
}

const INCOMPLETE =
  "terraform-provider-muster is incomplete: PATH is missing, or of another build. Delete the .terraform folder, then run `terraform init`.";

/** The files of a provider's folder, the program first. */
export const providerFiles = ({
  version,
  program,
  parts,
}: Pick<ProviderProgram, "version" | "program" | "parts">) =>
  [
    { name: programName(version), content: program, isExecutable: true },
    // Node.js takes the version's last part for a file extension; this file says which module type it is.
    { name: "package.json", content: Buffer.from('{"type":"commonjs"}\n'), isExecutable: false },
    { name: PARTS_FILE, content: parts, isExecutable: false },
  ] as const;

/** Builds the provider and lays it out as a filesystem mirror. Returns the program's path for the first platform. */
export async function buildProvider(
  root: string,
  mirror: string = join(root, MIRROR),
  entry?: string,
): Promise<string> {
  const bundle = await bundleProvider(root, entry);
  const base = versionIn(mirror, bundle.version);
  const files = providerFiles(bundle);
  for (const platform of PLATFORMS) {
    await mkdir(join(base, platform), { recursive: true });
    for (const { name, content, isExecutable } of files) {
      await replaceFile(join(base, platform, name), content, isExecutable ? 0o755 : 0o644);
    }
  }
  return programIn(mirror, bundle.version);
}

const versionIn = (mirror: string, version: string): string =>
  join(mirror, "registry.terraform.io/muster/muster", version);

/** The program's path in a mirror, for the first platform. Pure. */
export const programIn = (mirror: string, version: string): string =>
  join(versionIn(mirror, version), PLATFORMS[0], programName(version));

const programName = (version: string): string => `terraform-provider-muster_v${version}`;

/**
 * The first lines are both sh and JavaScript. Terraform shows one line of a failed start's stdout, so a missing or old Node.js
 * is reported there. NODE_OPTIONS is unset because it is meant for the user's own programs.
 */
function header(): string {
  const needed = `terraform-provider-muster needs Node.js ${OLDEST_NODE} or newer on PATH:`;
  return [
    "#!/bin/sh",
    `":" //; unset NODE_OPTIONS; command -v node >/dev/null 2>&1 || { echo "${needed} there is none"; exit 1; }`,
    `":" //; exec node "$0" "$@"`,
    // Node.js 10 can read all of the file. To ask `node --version` first would start another process each time.
    `if (parseInt(process.versions.node, 10) < ${OLDEST_NODE}) {`,
    `  console.log("${needed} found " + process.versions.node);`,
    "  process.exit(1);",
    "}",
    "",
  ].join("\n");
}

/**
 * A dynamic import of `prepared.js` gives the answers that it makes, as bytes: they are made now, and a start that only reads the schema need
 * not load what makes it.
 */
const preparedAnswers = (root: string): Plugin => ({
  name: "prepared-answers",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/prepared\.js$/ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" ? { path: join(resolveDir, path), namespace: "prepared" } : null,
    );
    onLoad({ filter: /.*/, namespace: "prepared" }, async ({ path }) => {
      const { outputFiles } = await build({
        ...{ ...BUNDLE, format: "cjs", bundle: true, platform: "node" },
        absWorkingDir: root,
        entryPoints: [path.replace(/\.js$/, ".ts")],
        write: false,
        plugins: [protoFiles],
      });
      return { contents: preparedModule(await answersOf(outputFiles[0]?.text ?? "")), loader: "js" };
    });
  },
});

type Answers = Readonly<Record<string, Uint8Array>>;

async function answersOf(code: string): Promise<Answers> {
  const module = { exports: {} as { prepared(): Promise<Answers> } };
  const run = compileFunction(code, ["exports", "require", "module"]);
  run(module.exports, createRequire(import.meta.url), module);
  return module.exports.prepared();
}

function preparedModule(answers: Answers): string {
  const entries = Object.entries(answers).map(
    ([name, bytes]) => `${name}: Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64")`,
  );
  return `export const prepared = async () => ({ ${entries.join(", ")} });`;
}

/** `import x from "./x.proto"` gives the parsed protocol, so that no start needs to parse it. */
const protoFiles: Plugin = {
  name: "proto-files",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.proto$/ }, async ({ path }) => ({
      contents: JSON.stringify(protocolOf(await readFile(path, "utf8"))),
      loader: "json",
    }));
  },
};
