import { execFile, execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** What the command is built from, and what starts it. */
const PARTS = [
  "agent",
  "provider",
  "scripts",
  "stacks",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/** A user without rights where this process is root's; else this process's own, which has none. */
const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A copy of this checkout, without `dist`, that every user can reach. Remove it in afterAll. */
export interface TestCheckout {
  /** `./scripts/muster` as an unprivileged user, who can write nowhere: not the checkout, not HOME, not the working folder. */
  musterUnprivileged(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<StarterRun>;
  /** `./scripts/muster` as the checkout's owner. */
  musterAsOwner(args: readonly string[]): Promise<StarterRun>;
  remove(): Promise<void>;
}

interface StarterRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function copyCheckout(): Promise<TestCheckout> {
  const folder = await mkdtemp(join(tmpdir(), "muster-checkout-"));
  await chmod(folder, 0o755);
  const root = join(folder, "project");
  for (const part of PARTS) await cp(resolve(part), join(root, part), { recursive: true });
  await symlink(resolve("node_modules"), join(root, "node_modules"));
  const [home, empty] = [join(folder, "home"), join(folder, "empty")];
  for (const name of [home, empty]) await mkdir(name, { mode: 0o555 });
  const start = (args: readonly string[], env: Readonly<Record<string, string>>, user: object) => {
    const options = {
      cwd: empty,
      env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, HOME: home, ...env },
      timeout: 150_000,
      ...user,
    };
    return new Promise<StarterRun>((resolveRun) => {
      const child = execFile(join(root, "scripts/muster"), args, options, (_error, stdout, stderr) =>
        resolveRun({ status: child.exitCode, stdout, stderr }),
      );
    });
  };
  return {
    async musterUnprivileged(args, env = {}) {
      execFileSync("chmod", ["-R", "a-w,a+rX", root]);
      try {
        return await start(args, env, UNPRIVILEGED);
      } finally {
        execFileSync("chmod", ["-R", "u+w", root]);
      }
    },
    musterAsOwner: (args) => start(args, {}, {}),
    async remove() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
