import { chmod, chown, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isHostKey } from "../contract/node-access.js";
import { JOB_USER, LOGIN_GROUP } from "../contract/node-accounts.js";
import { unlessMissing } from "./unless-missing.js";

/** Where the image's sshd_config and ssh_config look, and where nothing of a job's can write. */
const PLACES = {
  hostKey: "/etc/ssh/ssh_host_ed25519_key.pub",
  authorizedKeys: `/etc/ssh/authorized_keys.d/${JOB_USER.name}`,
  /** In memory: it is no file of the disk's. */
  clusterKey: "/run/muster/cluster-key",
} as const;

/** This node's ssh host keys, each `TYPE BASE64`; none: sshd has none yet, or what is there is none. */
export async function readHostKeys(path: string = PLACES.hostKey): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(unlessMissing);
  const key = (text ?? "").split(" ", 2).join(" ").trim();
  return isHostKey(key) ? [key] : [];
}

/** The keys that may log in: root's file, which everybody may read. Replaces it at once; one that says the same stays. */
export const writeAuthorizedKeys = (text: string, path: string = PLACES.authorizedKeys): Promise<void> =>
  replaceFile(path, text, { mode: 0o644, gid: 0 });

/**
 * The cluster's own key: root's file, for those in the login group alone. A job's processes are the same user, but not in the group; ssh
 * takes a file that is not its user's own with such a mode.
 */
export const writeClusterKey = (privateKey: string, path: string = PLACES.clusterKey): Promise<void> =>
  replaceFile(path, privateKey, { mode: 0o640, gid: LOGIN_GROUP.gid });

async function replaceFile(
  path: string,
  text: string,
  { mode, gid }: { readonly mode: number; readonly gid: number },
): Promise<void> {
  if ((await readFile(path, "utf8").catch(unlessMissing)) === text) return;
  const unnamed = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(unnamed, { force: true });
  await writeFile(unnamed, text, { flag: "wx", mode: 0o600 });
  await chown(unnamed, 0, gid);
  await chmod(unnamed, mode);
  const file = await open(unnamed);
  await file.sync();
  await file.close();
  await rename(unnamed, path);
}
