import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, chown, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { JOB_ROLE_TOKEN_FILE } from "../contract/job-role.js";
import { JOB_USER } from "../contract/node-accounts.js";

const TOKEN = /^[0-9a-f]{64}$/;
/** Root writes it, and the group reads it. */
const MODE = 0o640;

/**
 * The token of the job role's endpoint, in a file that only root and the job user's group can read; its folder is root's. An
 * earlier agent's is kept, because programs that run have it. SDKs send the file's text as it is, so no line ends in it.
 */
export async function keepRoleToken(path = JOB_ROLE_TOKEN_FILE, gid: number = JOB_USER.gid): Promise<string> {
  const kept = await readOwn(path, gid);
  if (kept !== null) return kept;
  const token = randomBytes(32).toString("hex");
  const unnamed = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(unnamed, { force: true });
  await writeFile(unnamed, token, { flag: "wx", mode: 0o600 });
  await chown(unnamed, 0, gid);
  await chmod(unnamed, MODE);
  await rename(unnamed, path);
  return token;
}

/** Null when there is none, or something else than what is written here. */
async function readOwn(path: string, gid: number): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (file === null) return null;
  try {
    const found = await file.stat();
    const isOwn =
      found.isFile() &&
      found.uid === 0 &&
      found.gid === gid &&
      (found.mode & 0o7777) === MODE &&
      found.size === 64;
    const text = isOwn ? await file.readFile("utf8") : "";
    return TOKEN.test(text) ? text : null;
  } finally {
    await file.close();
  }
}
