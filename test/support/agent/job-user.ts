import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Who the tests' jobs run as: uid 1500 as on a node where that is possible, else whoever runs the tests. */
export const JOB_USER =
  process.getuid?.() === 0
    ? { uid: 1500, gid: 1500 }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** The path of a program that stands in for mpiexec: test/fixtures/mpiexec/. */
export const fakeMpiexec = (name: string): string => resolve("test/fixtures/mpiexec", name);

type Deed = () => Promise<void>;

/** Does `deed` with no rights but the job user's, which is what an EFS access point makes of whatever root does. */
async function asJobUser(deed: Deed): Promise<void> {
  if (process.getuid?.() !== 0) return deed();
  process.setegid?.(JOB_USER.gid);
  process.seteuid?.(JOB_USER.uid);
  try {
    await deed();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Who the agent may be to the shared file system, and how a test's body is run as that. */
export const AGENT_RIGHTS: readonly [name: string, as: (deed: Deed) => Promise<void>][] = [
  ["by root", (deed) => deed()],
  ["by root made the job user, as through an access point", asJobUser],
];

/** A folder of the test's own that is the job user's, like the root of the shared file system. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "muster-test-"));
  await chmod(path, 0o775);
  await chown(path, JOB_USER.uid, JOB_USER.gid);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
