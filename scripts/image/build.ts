import { existsSync, readdirSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RECIPE_FOLDER } from "../../agent/image/ingredients.js";
import { runCommand } from "../system/command.js";
import { findOnPath } from "../system/find-on-path.js";
import { checkNothingOfHost, type HostTraces } from "./check-root.js";
import {
  BAKE_SCRIPT,
  describeImage,
  type ImageManifest,
  type ImagePaths,
  parsePackages,
} from "./definition.js";
import { aptOptionsInRoot, BAKE_CA_PATH } from "./host-config.js";
import { readHostSettings } from "./host-settings.js";
import { packRoot } from "./pack.js";

const BAKE_TIMEOUT_SECONDS = 900;
const PROGRAMS = ["mmdebstrap", "mksquashfs", "unshare", "apt-config"] as const;

/** Called with one line per step, with its seconds. */
export type Say = (line: string) => void;

/**
 * The base image, built unless the cache has it (then it returns at once). Needs root on Linux/amd64. May run twice at
 * once: the first to end wins. A build that was killed leaves nothing but a folder, which the next build removes.
 */
export async function buildImage(projectFolder: string, say: Say): Promise<ImagePaths> {
  const image = describeImage(projectFolder);
  if (existsSync(image.squashfs)) {
    say(`image ${image.key}: in the cache`);
    return image;
  }
  requireHost();
  const startedAtMs = Date.now();
  const work = `${image.folder}.building-${process.pid}`;
  await removeAbandoned(join(image.folder, ".."));
  await mkdir(join(work, "bake"), { recursive: true, mode: 0o700 });
  try {
    say(`image ${image.key}: building (a minute or two)`);
    const traces = await writeBakeFolder(join(work, "bake"));
    await bake(projectFolder, work, traces.environment, say);
    await checkNothingOfHost(join(work, "root"), traces);
    await pack(image, work, startedAtMs, say);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return image;
}

/** Fails, naming all that is missing, where no root can be made. */
export function requireHost(): void {
  const problems = [
    ...(process.platform === "linux" && process.arch === "x64" ? [] : ["this is not Linux on x86-64"]),
    ...(process.getuid?.() === 0 ? [] : ["you are not root"]),
    ...PROGRAMS.filter((name) => findOnPath(name) === undefined).map((name) => `${name} is not installed`),
  ];
  if (problems.length > 0) {
    throw new Error(
      `The node image can't be built: ${problems.join("; ")}. As root: apt-get install mmdebstrap squashfs-tools util-linux debian-archive-keyring.`,
    );
  }
}

/** What the bake needs of this machine, as files, and what must not stay of it. */
export async function writeBakeFolder(folder: string): Promise<HostTraces> {
  const { aptOptions, sources, caBundle, environment } = await readHostSettings();
  await writeFile(join(folder, "host-apt.conf"), aptOptions);
  await writeFile(join(folder, "apt.conf"), aptOptionsInRoot(aptOptions, BAKE_CA_PATH));
  if (sources !== null) await writeFile(join(folder, "sources.list"), sources);
  if (caBundle !== null) await copyFile(caBundle, join(folder, "ca.pem"));
  return { environment: { ...environment, PIP_CERT: BAKE_CA_PATH }, sources: sources ?? "" };
}

/** mmdebstrap and the recipe, in namespaces of their own: when they end, or are killed, their mounts are gone. */
async function bake(
  projectFolder: string,
  work: string,
  environment: Readonly<Record<string, string>>,
  say: Say,
): Promise<void> {
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
  const script = join(projectFolder, BAKE_SCRIPT);
  const recipe = join(projectFolder, RECIPE_FOLDER);
  await runCommand(["unshare", ...namespaces, script, join(work, "root"), recipe, join(work, "bake")], {
    env: { ...environment },
    onLine: (line) => {
      const step = /^step: (.*)$/.exec(line)?.[1];
      if (step !== undefined) say(`image: ${step}`);
    },
    timeoutSeconds: BAKE_TIMEOUT_SECONDS,
  });
}

async function pack(image: ImagePaths, work: string, startedAtMs: number, say: Say): Promise<void> {
  const packStartedAtMs = Date.now();
  const out = join(work, "out");
  await mkdir(out);
  await packRoot(join(work, "root"), join(out, "root.squashfs"));
  const { size } = await stat(join(out, "root.squashfs"));
  const library = join(work, "root/usr/lib/muster");
  const manifest: ImageManifest = {
    key: image.key,
    builtAt: new Date().toISOString(),
    bytes: size,
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
    packages: parsePackages(await readFile(join(library, "packages"), "utf8")),
    pythonPackages: parsePackages(await readFile(join(library, "python-packages"), "utf8")),
  };
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(out, image.folder).catch((error: NodeJS.ErrnoException) => {
    // Another build finished first: its image is the same.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  const mebibytes = Math.round(size / 2 ** 20);
  say(`image: squashfs, ${mebibytes} MiB: ${Math.round((Date.now() - packStartedAtMs) / 1000)} s`);
  say(`image ${image.key}: built in ${manifest.seconds} s`);
}

/** Folders of builds whose process is gone. */
async function removeAbandoned(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /\.building-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
