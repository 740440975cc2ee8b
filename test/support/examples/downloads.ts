import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";
import { cacheRoot } from "../../../scripts/system/paths.js";

const DOWNLOAD = [
  "python3",
  "-m",
  "pip",
  "--disable-pip-version-check",
  "download",
  "--quiet",
  "--no-deps",
] as const;
const TIMEOUT = { timeoutSeconds: 600 };
/** That of the nodes: Debian 13's. */
const NODE_PYTHON = "3.13";
const GLIBC = ["2_17", "2_24", "2_27", "2_28"];

/** Makes a folder of the cache once. Its path; where `make` fails, nothing stays. May run concurrently. */
async function provide(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cacheRoot(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheRoot(), { recursive: true });
  const made = await mkdtemp(`${folder}.`);
  try {
    await make(made);
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** A folder with the wheels that a requirements file pins, for the nodes' Python: what nodes without an index install from. */
export function provideWheels(requirements: string): Promise<string> {
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const platforms = GLIBC.flatMap((version) => ["--platform", `manylinux_${version}_${machine}`]);
  const key = createHash("sha256").update(readFileSync(requirements)).update(machine).digest("hex");
  const target = [
    "--only-binary",
    ":all:",
    "--python-version",
    NODE_PYTHON,
    "--implementation",
    "cp",
    ...platforms,
  ];
  return provide(`wheels-${key.slice(0, 16)}`, (folder) =>
    runCommand([...DOWNLOAD, ...target, "--dest", folder, "--requirement", requirements], TIMEOUT),
  );
}

/** The folder of mpi4py's own demos, as its source release of the image's version has them. */
export function provideDemos(): Promise<string> {
  const requirement = /^mpi4py==\S+/m.exec(readFileSync("agent/image/requirements.txt", "utf8"))?.[0];
  if (requirement === undefined) throw new Error("agent/image/requirements.txt pins no mpi4py");
  return provide(`${requirement.replace("==", "-")}-demos`, async (folder) => {
    const release = join(folder, `${requirement.replace("==", "-")}.tar.gz`);
    await runCommand([...DOWNLOAD, "--no-binary", "mpi4py", "--dest", folder, requirement], TIMEOUT);
    const unpack = ["tar", "-C", folder, "--strip-components=2", "--wildcards", "-xzf", release] as const;
    await runCommand([...unpack, "*/demo/*"], TIMEOUT);
    await rm(release);
  });
}
