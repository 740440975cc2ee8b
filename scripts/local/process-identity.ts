import { readFileSync } from "node:fs";

/** One process for good: a pid may be given away again, but not with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the process's start. */
  readonly startTicks: number;
}

/** The process that has this pid now, or null. A zombie counts as gone. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return null;
  }
}

export const isAlive = (process: ProcessIdentity): boolean =>
  identifyProcess(process.pid)?.startTicks === process.startTicks;

/** Of /proc/<pid>/stat: the command in brackets may hold anything, so the fields count from its last bracket. */
export function parseStat(pid: number, stat: string): ProcessIdentity | null {
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = Number(rest[18]);
  return state === "Z" || state === "X" || !Number.isInteger(startTicks) ? null : { pid, startTicks };
}
