import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { bundleProvider, PARTS_FILE } from "../build/provider.js";
import { runCommand } from "../system/command.js";
import { makeExecutable } from "./executable.js";
import { filesBeside, type Release, type ReleaseOptions, writeRelease } from "./release.js";
import { zip } from "./zip.js";

/** Below the project's root. */
const RELEASE = "dist/release-standalone";

/** The platforms that have an executable, each with the pin of its Node.js: a Python wheel, as pip checks hashes. */
const NODES = {
  linux_amd64: { pin: "agent/image/node.txt", wheel: "manylinux_2_28_x86_64", machine: "linux/x64" },
  linux_arm64: {
    pin: "scripts/package/node-arm64.txt",
    wheel: "manylinux_2_28_aarch64",
    machine: "linux/arm64",
  },
} as const;
const DOWNLOAD_SECONDS = 600;

/**
 * The provider for machines without Node.js, in the same layout as packageRelease: a ZIP for each platform, with the program and its
 * Node.js in one file. The recipe of images must be built. Downloads what of Node.js is not in the cache. An executable's bytes differ from build to build.
 */
export async function packageStandalone(
  root: string,
  cache: string,
  options: ReleaseOptions = {},
): Promise<Release> {
  const { version, script, parts } = await bundleProvider(root);
  const beside = await filesBeside(root);
  const archives: { platform: string; archive: Uint8Array }[] = [];
  for (const [platform, { pin, wheel, machine }] of Object.entries(NODES)) {
    const { node, nodeLicense } = await fetchNode(join(root, pin), wheel, cache);
    const runsHere = machine === `${process.platform}/${process.arch}`;
    const content = await makeExecutable({ root, script, assets: { [PARTS_FILE]: parts }, node, runsHere });
    const program = { name: `terraform-provider-muster_v${version}`, content, isExecutable: true };
    const notice = { name: "LICENSE-node", content: await readFile(nodeLicense), isExecutable: false };
    archives.push({ platform, archive: zip([program, ...beside, notice], QUICK) });
  }
  return writeRelease({ version, archives }, { folder: join(root, RELEASE), ...options });
}

/** An executable is a hundred times as large as the program, and hardly smaller when more time is spent. */
const QUICK = 1;

/** The Node.js that the pin file names, for another platform too; pip has checked its hash. */
async function fetchNode(
  pin: string,
  wheel: string,
  cache: string,
): Promise<{ readonly node: string; readonly nodeLicense: string }> {
  const wanted = await readFile(pin);
  const folder = join(
    cache,
    `node-${wheel}-${createHash("sha256").update(wanted).digest("hex").slice(0, 16)}`,
  );
  const found = { node: join(folder, "node"), nodeLicense: join(folder, "LICENSE") };
  if (existsSync(folder)) return found;
  const work = await mkdtemp(join(tmpdir(), "muster-wheel-"));
  try {
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    await runCommand(
      [
        "python3",
        "-m",
        "pip",
        "download",
        ...flags,
        "--require-hashes",
        "--platform",
        wheel,
        "--dest",
        work,
        "--requirement",
        await realpath(pin),
      ],
      { timeoutSeconds: DOWNLOAD_SECONDS },
    );
    const [name = ""] = await readdir(work);
    const files = unzipSync(await readFile(join(work, name)), {
      filter: (file) => /\/bin\/node$|LICENSE$/.test(file.name),
    });
    await mkdir(cache, { recursive: true });
    const fresh = await mkdtemp(join(cache, "node-"));
    await writeFile(join(fresh, "node"), entry(files, /\/bin\/node$/), { mode: 0o755 });
    await writeFile(join(fresh, "LICENSE"), entry(files, /LICENSE$/));
    await rename(fresh, folder);
    return found;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function entry(files: Readonly<Record<string, Uint8Array>>, pattern: RegExp): Uint8Array {
  const [, content] = Object.entries(files).find(([name]) => pattern.test(name)) ?? [];
  if (content === undefined) throw new Error(`The wheel of Node.js has no ${pattern.source}.`);
  return content;
}
