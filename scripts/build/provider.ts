import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { OLDEST_NODE } from "./oldest-node.js";
import { protocolOf } from "./protocol.js";
import { replaceFile } from "./replace-file.js";

/** The same file runs wherever Node.js does. */
export const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

const BUNDLE = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: `node${OLDEST_NODE}`,
  minify: true,
  legalComments: "eof",
  // The SDK's CommonJS files are whole services; of its ES modules only used ones are bundled. It loads in a third of the time.
  mainFields: ["module", "main"],
  logLevel: "warning",
} as const satisfies BuildOptions;

/** The mirror that a `filesystem_mirror` block names, below the project's root. */
const MIRROR = "dist/terraform-mirror";

/**
 * The provider that `entry` starts as one file, the same without what finds Node.js, and the project's version. The same sources give the same bytes, which
 * Terraform's lock file demands.
 */
export async function bundleProvider(
  root: string,
  entry: string = "provider/main.ts",
): Promise<{ readonly version: string; readonly program: Buffer; readonly script: Buffer }> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: "dist/provider.js",
    write: false,
    ...BUNDLE,
    // gRPC's channelz and ORCA services, which are not used, would load it, and all of protobufjs with it.
    external: ["@grpc/proto-loader"],
    plugins: [protoFiles, deferredSdk(root)],
  });
  const script = Buffer.from(outputFiles[0]?.contents ?? new Uint8Array());
  return { version, program: Buffer.concat([Buffer.from(header()), script]), script };
}

/** The files of a provider's folder, the program first. */
export const providerFiles = (version: string, program: Buffer) =>
  [
    { name: `terraform-provider-muster_v${version}`, content: program, isExecutable: true },
    // Node.js takes the version's last part for a file extension; this file says which module type it is.
    { name: "package.json", content: Buffer.from('{"type":"commonjs"}\n'), isExecutable: false },
  ] as const;

/** Builds the provider and lays it out as a filesystem mirror. Returns the program's path for the first platform. */
export async function buildProvider(
  root: string,
  mirror: string = join(root, MIRROR),
  entry?: string,
): Promise<string> {
  const { version, program } = await bundleProvider(root, entry);
  const base = join(mirror, "registry.terraform.io/muster/muster", version);
  const files = providerFiles(version, program);
  for (const platform of PLATFORMS) {
    await mkdir(join(base, platform), { recursive: true });
    for (const { name, content, isExecutable } of files) {
      await replaceFile(join(base, platform, name), content, isExecutable ? 0o755 : 0o644);
    }
  }
  return join(base, PLATFORMS[0], files[0].name);
}

/**
 * The first lines are both sh and JavaScript. Terraform shows one line of a failed start's stdout, so a missing or old Node.js
 * is reported there. NODE_OPTIONS is unset because it is meant for the user's own programs.
 */
function header(): string {
  const say = (what: string): string =>
    `{ echo "terraform-provider-muster needs Node.js ${OLDEST_NODE} or newer on PATH: ${what}"; exit 1; }`;
  return [
    "#!/bin/sh",
    `":" //; unset NODE_OPTIONS; command -v node >/dev/null 2>&1 || ${say("there is none")}`,
    `":" //; v=$(node --version); v=\${v#v}; [ "\${v%%.*}" -ge ${OLDEST_NODE} ] 2>/dev/null || ${say("found $v")}`,
    `":" //; exec node "$0" "$@"`,
    "",
  ].join("\n");
}

/**
 * The parts of the AWS SDK are compressed inside the program, and compiled when they are first imported. As plain code, parsing
 * alone would cost every start about 90 ms and 40 MB, even a start that only reads the schema.
 */
const deferredSdk = (root: string): Plugin => ({
  name: "deferred-sdk",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/sdk\/[a-z]+\.js$/ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" ? { path: join(resolveDir, path), namespace: "deferred" } : null,
    );
    onLoad({ filter: /.*/, namespace: "deferred" }, async ({ path }) => {
      const { outputFiles } = await build({
        ...BUNDLE,
        absWorkingDir: root,
        entryPoints: [path.replace(/\.js$/, ".ts")],
        write: false,
        // Code that is compiled by hand can't import; it requires.
        supported: { "dynamic-import": false },
      });
      const packed = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).toString("base64");
      return { contents: deferredModule(packed), loader: "js", resolveDir: root };
    });
  },
});

const deferredModule = (packed: string): string => `
  const source = require("node:zlib").gunzipSync(Buffer.from(${JSON.stringify(packed)}, "base64")).toString("utf8");
  const run = require("node:vm").compileFunction(source, ["exports", "require", "module"], { filename: "aws-sdk.js" });
  run(exports, require, module);
`;

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
