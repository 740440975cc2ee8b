import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { keyOfFiles, RECIPE_FOLDER } from "../../agent/image/ingredients.js";
import { runCommand } from "../system/command.js";
import { cacheRoot } from "../system/paths.js";
import { requireHost, type Say, writeBakeFolder } from "./build.js";
import { checkNothingOfHost } from "./check-root.js";
import { packRoot } from "./pack.js";

const SCRIPT = "scripts/image/plain.sh";
const DPKG_OPTIONS = `${RECIPE_FOLDER}/files/etc/dpkg/dpkg.cfg.d/muster-slim`;
/** Beside Debian's minimum: an init, and what each of Debian's official images has and the builder's scripts need. */
const PACKAGES = ["systemd-sysv", "ca-certificates", "curl", "iproute2", "procps"];
const TIMEOUT_SECONDS = 300;

/**
 * A plain Debian 13 root, as squashfs: built unless the cache has it. Needs root on Linux/amd64. May run twice at once: the first to end wins.
 */
export async function buildPlainRoot(projectFolder: string, say: Say): Promise<string> {
  const key = keyOfFiles(projectFolder, [SCRIPT, DPKG_OPTIONS, "scripts/image/plain.ts"]);
  const folder = join(cacheRoot(), "plain", key);
  const squashfs = join(folder, "root.squashfs");
  if (existsSync(squashfs)) return squashfs;
  requireHost();
  say("plain Debian: building (half a minute)");
  await mkdir(join(cacheRoot(), "plain"), { recursive: true });
  const work = await mkdtemp(`${folder}.building-`);
  try {
    await mkdir(join(work, "bake"), { mode: 0o700 });
    const traces = await writeBakeFolder(join(work, "bake"));
    const root = join(work, "root");
    const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
    const places = [root, join(projectFolder, DPKG_OPTIONS), join(work, "bake")];
    await runCommand(["unshare", ...namespaces, join(projectFolder, SCRIPT), ...places, PACKAGES.join(",")], {
      env: { ...traces.environment },
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    await mkdir(join(root, "usr/local/share/ca-certificates"), { recursive: true });
    await checkNothingOfHost(root, traces);
    await mkdir(join(work, "out"));
    await packRoot(root, join(work, "out/root.squashfs"));
    await rename(join(work, "out"), folder).catch((error: NodeJS.ErrnoException) => {
      // Another build finished first: its root is the same.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return squashfs;
}
