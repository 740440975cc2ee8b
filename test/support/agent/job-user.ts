import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { JOB_USER as NODE_JOB_USER } from "../../../agent/contract/node-accounts.js";

/** Who the tests' jobs run as: the same as on a node where that is possible, else whoever runs the tests. */
export const JOB_USER =
  process.getuid?.() === 0
    ? { uid: NODE_JOB_USER.uid, gid: NODE_JOB_USER.gid }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** The path of a program that stands in for mpiexec: test/fixtures/mpiexec/. */
export const fakeMpiexec = (name: string): string => resolve("test/fixtures/mpiexec", name);

/** A folder of the test's own that is the job user's, like the root of the shared file system. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "muster-test-"));
  await chmod(path, 0o775);
  await chown(path, JOB_USER.uid, JOB_USER.gid);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
