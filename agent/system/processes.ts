import { readFile } from "node:fs/promises";

/** Identifies a process for another agent: a pid alone may belong to another process by then. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start: field 22 of /proc/PID/stat. */
  readonly startTicks: string;
}

/** The identity of a process that runs now, or null. */
export async function identityOf(pid: number): Promise<ProcessIdentity | null> {
  const stat = await statOf(pid);
  return stat === null ? null : { pid, startTicks: stat.startTicks };
}

/** Whether exactly that process still runs. A zombie does not. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const stat = await statOf(identity.pid);
  return stat !== null && stat.startTicks === identity.startTicks && stat.state !== "Z";
}

/** Sends a signal to a process (or, with a negative pid, a group); a missing one is not an error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** What /proc says of a process. */
interface ProcessStat {
  /** One letter; "Z": a zombie, "X": dead. */
  readonly state: string;
  /** The parent's pid. */
  readonly parent: number;
  readonly startTicks: string;
}

/** What /proc says of a process now, or null where there is none. */
export async function statOf(pid: number): Promise<ProcessStat | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : parseStat(text);
}

/** What is read of a process from the text of /proc/PID/stat; null where the text has too few fields. Pure. */
export function parseStat(text: string): ProcessStat | null {
  // The name, in parentheses, may hold anything: the fields are counted from its last ")".
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  if (state === undefined || startTicks === undefined) return null;
  return { state, parent: Number(parent), startTicks };
}
