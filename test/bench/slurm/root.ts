import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";
import { cacheRoot } from "../../../scripts/system/paths.js";

/** Debian 13's, as the nodes are; python3-minimal runs the ranks. */
const PACKAGES = [
  "slurmctld",
  "slurmd",
  "slurm-client",
  "munge",
  "python3-minimal",
  "coreutils",
  "dash",
  "libc-bin",
];
const ACCOUNTS = ["root:x:0:", "munge:x:998:", "slurm:x:64030:"];
const FOLDERS = [
  "proc",
  "sys",
  "run",
  "root",
  "var/spool",
  "var/log",
  "var/lib/munge",
  "etc/munge",
  "etc/slurm",
  "out",
];
const FETCH_LIMIT_SECONDS = 180;

/**
 * A folder with Slurm and what it needs, to change the root to; nothing of it is installed on this machine. Cached. It is
 * unpacked only: the packages' own scripts, which start services, do not run.
 */
export async function provideSlurm(): Promise<string> {
  const folder = join(cacheRoot(), "slurm-trixie-1");
  if (existsSync(folder)) return folder;
  const work = `${folder}.${process.pid}`;
  try {
    const unpack = ["mmdebstrap", "--mode=root", "--variant=extract"] as const;
    const include = `--include=${PACKAGES.join(",")}`;
    await runCommand([...unpack, include, "trixie", work], { timeoutSeconds: FETCH_LIMIT_SECONDS });
    await complete(work);
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** What the packages' scripts would have made. */
async function complete(root: string): Promise<void> {
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    if (!existsSync(join(root, name))) await symlink(`usr/${name}`, join(root, name));
  }
  // A program looks at its own name, which is another one only for Debian's alternatives.
  for (const name of ["slurmctld", "slurmd", "slurmstepd"])
    await symlink(`${name}-wlm`, join(root, "usr/sbin", name));
  for (const name of FOLDERS) await mkdir(join(root, name), { recursive: true });
  const passwd = ACCOUNTS.map((account) => `${account}${account.split(":")[2]}::/:/bin/sh`);
  await writeFile(join(root, "etc/passwd"), `${passwd.join("\n")}\n`);
  await writeFile(join(root, "etc/group"), `${ACCOUNTS.join("\n")}\n`);
  await writeFile(join(root, "etc/munge/munge.key"), randomBytes(1_024));
  await chmod(join(root, "etc/munge/munge.key"), 0o400);
  await writeFile(join(root, "etc/slurm/cgroup.conf"), "CgroupPlugin=disabled\n");
  await runCommand(["chroot", root, "/usr/sbin/ldconfig"], { timeoutSeconds: 60 });
}
