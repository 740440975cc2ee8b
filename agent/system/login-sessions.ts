import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { countLogins, type ProcessFacts, SESSION_NAMES } from "../access/logins.js";
import { JOB_USER } from "../contract/node-accounts.js";

/** A name has 15 bytes and an end of line. */
const name = Buffer.alloc(32);

/** A whole look after so long, whatever the kernel's count says. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Counts as countLoginSessions, but looks at no process where none was begun since a count that found nobody: on a node at rest that is
 * one small file instead of a hundred.
 */
export function createLoginCounter(
  monotonicMs: () => number,
  procFolder = "/proc",
  uid: number = JOB_USER.uid,
): () => Promise<number> {
  /** The newest process when nobody was logged in. */
  let quiet: { readonly newest: string; readonly atMs: number } | null = null;
  return async () => {
    const newest = newestProcess(procFolder);
    if (quiet?.newest === newest && monotonicMs() - quiet.atMs < LOOK_AGAIN_MS) return 0;
    const count = await countLoginSessions(procFolder, uid);
    quiet = count === 0 ? { newest, atMs: monotonicMs() } : null;
    return count;
  };
}

/** The number of the process or thread that was begun last: the fifth word. */
function newestProcess(procFolder: string): string {
  const [, , , , newest] = readFileSync(`${procFolder}/loadavg`, "utf8").trim().split(" ");
  if (newest === undefined) throw new Error(`${procFolder}/loadavg does not say which process is the newest`);
  return newest;
}

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
