import { constants } from "node:fs";
import { chmod, chown, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { EXIT_CODE_FILE, OUTPUT_FILE } from "../contract/job-request.js";
import type { JobSettings } from "../jobs/launch-plan.js";
import type { JobFiles } from "../jobs/ports.js";

/** No link is followed and no pipe waited for: the folder is the job user's, and the agent is root. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const SMALL_FILE_BYTES = 1_048_576;

/**
 * The jobs' folders on the shared file system, through this node's mount. Needs no right there that the job user, who owns
 * it, doesn't have: an access point takes root's.
 */
export function createJobFiles(user: Pick<JobSettings["user"], "uid" | "gid">): JobFiles {
  async function prepare(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    // Where the file system maps everyone to the job user, it is the owner already and may not be set.
    const { uid, gid } = await stat(folder);
    if (uid !== user.uid || gid !== user.gid) await chown(folder, user.uid, user.gid);
    await chmod(folder, 0o750);
    for (const name of [OUTPUT_FILE, EXIT_CODE_FILE]) await rm(join(folder, name), { force: true });
    for (const [name, content] of Object.entries(files)) await write(folder, name, content);
  }

  async function write(folder: string, name: string, content: string): Promise<void> {
    const part = join(folder, `.${name}.part`);
    await rm(part, { force: true });
    const handle = await open(part, CREATE, 0o644);
    try {
      await handle.writeFile(content);
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, join(folder, name));
  }

  return {
    prepare,
    write,
    async read(folder, name) {
      const end = await readEnd(join(folder, name), SMALL_FILE_BYTES).catch((error: unknown) => {
        if (error instanceof NotAFileError) return null;
        throw error;
      });
      return end === null ? null : end.bytes.toString("utf8");
    },
    tail: (folder, name, bytes) => readEnd(join(folder, name), bytes),
  };
}

/** A job has put something else in a file's place. */
class NotAFileError extends Error {
  override readonly name = "NotAFileError";
}

/** Opens a regular file that a job may have written; null where there is none. Anything else in its place throws. */
export async function openJobFile(path: string): Promise<FileHandle | null> {
  const handle = await open(path, READ).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    if (error.code === "ELOOP") throw new NotAFileError(`${path} is a symbolic link, not a file`);
    throw error;
  });
  if (handle === null || (await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new NotAFileError(`${path} is not a regular file`);
}

async function readEnd(path: string, maxBytes: number): Promise<{ bytes: Buffer; isWhole: boolean } | null> {
  const handle = await openJobFile(path);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, maxBytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, size - length);
    return { bytes: buffer.subarray(0, bytesRead), isWhole: length === size };
  } finally {
    await handle.close();
  }
}
