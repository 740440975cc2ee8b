import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { countLogins, type ProcessFacts, SESSION_NAMES } from "../access/logins.js";
import { JOB_USER } from "../contract/node-accounts.js";

/** A name has 15 bytes and an end of line. */
const name = Buffer.alloc(32);

/**
 * How many people are logged in to this node now: by ssh as the user muster, or through Session Manager. A connection whose client is gone counts until sshd ends
 * it, two minutes at most. It looks at every process: call it every few seconds at most. Rejects where /proc can't be read.
 *
 * It waits for each file: /proc is in memory, and a hundred of these take a millisecond, a tenth of what the thread pool would take.
 */
export async function countLoginSessions(procFolder = "/proc", uid: number = JOB_USER.uid): Promise<number> {
  const pids = readdirSync(procFolder).filter((entry) => /^\d+$/.test(entry));
  return countLogins(
    pids.flatMap((pid) => factsOf(procFolder, pid)),
    uid,
  );
}

/** None: it has ended meanwhile, or its name says already that it is no session. */
function factsOf(procFolder: string, pid: string): readonly ProcessFacts[] {
  try {
    if (!SESSION_NAMES.has(nameOf(`${procFolder}/${pid}/comm`))) return [];
    const status = readFileSync(`${procFolder}/${pid}/status`, "utf8");
    const numberOf = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? -1);
    return [
      {
        pid: Number(pid),
        parent: numberOf("PPid"),
        uid: numberOf("Uid"),
        program: programOf(procFolder, pid),
      },
    ];
  } catch {
    return [];
  }
}

/** Into one buffer: readFile would make a new one of 64 KiB for each process. */
function nameOf(path: string): string {
  const file = openSync(path, "r");
  try {
    return name.toString("utf8", 0, readSync(file, name, 0, name.length, 0)).trimEnd();
  } finally {
    closeSync(file);
  }
}

function programOf(procFolder: string, pid: string): string | null {
  try {
    return readlinkSync(`${procFolder}/${pid}/exe`);
  } catch {
    return null;
  }
}
