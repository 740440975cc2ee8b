import { readFileSync } from "node:fs";
import { type ProcessIdentity, parseStat } from "../../agent/system/processes.js";

/** The process that has this pid now, or null. A zombie counts as gone. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  try {
    return identityFrom(pid, readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return null;
  }
}

export const isAlive = (process: ProcessIdentity): boolean =>
  identifyProcess(process.pid)?.startTicks === process.startTicks;

/** The identity of a process by the text of its /proc/PID/stat; null where it is a zombie, or the text is torn. Pure. */
export function identityFrom(pid: number, stat: string): ProcessIdentity | null {
  const parsed = parseStat(stat);
  if (parsed === null || parsed.state === "Z" || parsed.state === "X") return null;
  return { pid, startTicks: parsed.startTicks };
}
