import { readdir, readFile, readlink } from "node:fs/promises";
import pMap from "p-map";
import { countLogins, type ProcessFacts, SESSION_NAMES } from "../access/logins.js";
import { JOB_USER } from "../contract/node-accounts.js";

const READS_AT_ONCE = 32;

/**
 * How many people are logged in to this node now: by ssh as the user muster, or through Session Manager. A connection whose client is gone counts until sshd ends
 * it, two minutes at most. It looks at every process: call it every few seconds at most. Rejects where /proc can't be read.
 */
export async function countLoginSessions(procFolder = "/proc", uid: number = JOB_USER.uid): Promise<number> {
  const pids = (await readdir(procFolder)).filter((name) => /^\d+$/.test(name));
  const found = await pMap(pids, (pid) => factsOf(procFolder, pid), { concurrency: READS_AT_ONCE });
  return countLogins(found.flat(), uid);
}

/** None: it has ended meanwhile, or its name says already that it is no session. */
async function factsOf(procFolder: string, pid: string): Promise<readonly ProcessFacts[]> {
  try {
    const status = await readFile(`${procFolder}/${pid}/status`, "utf8");
    if (!SESSION_NAMES.has(/^Name:\s+(.*)$/m.exec(status)?.[1] ?? "")) return [];
    const numberOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? -1);
    const program = await readlink(`${procFolder}/${pid}/exe`).catch(() => null);
    return [{ pid: Number(pid), parent: numberOf("PPid"), uid: numberOf("Uid"), program }];
  } catch {
    return [];
  }
}
