import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * The first processes below `root` that lead a process group of their own, as a program does that has a pseudo-terminal. A signal to
 * root's group does not reach them. Pure.
 */
export function groupsBelow(root: number, rows: readonly ProcessRow[]): readonly number[] {
  const seen = new Set([root]);
  const leaders: number[] = [];
  const look = (parent: number): void => {
    for (const { pid, group } of rows.filter((row) => row.parent === parent && !seen.has(row.pid))) {
      seen.add(pid);
      if (group === pid) leaders.push(pid);
      else look(pid);
    }
  };
  look(root);
  return leaders;
}

/** All processes that can be seen; none where this machine does not show them. */
export function listProcesses(): readonly ProcessRow[] {
  try {
    const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
    if (pids.length > 0) return pids.flatMap(readRow);
  } catch {
    // Not Linux.
  }
  try {
    const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid="], { encoding: "utf8", timeout: 5_000 });
    return rows.split("\n").flatMap(parseRow);
  } catch {
    return [];
  }
}

function readRow(pid: string): readonly ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // PID (NAME) STATE PPID PGRP ..., and a name may have blanks and brackets in it.
    const [, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return parseRow(`${pid} ${parent} ${group}`);
  } catch {
    return [];
  }
}

function parseRow(line: string): readonly ProcessRow[] {
  const [pid = Number.NaN, parent = Number.NaN, group = Number.NaN] = line.trim().split(/ +/).map(Number);
  return [pid, parent, group].every(Number.isInteger) ? [{ pid, parent, group }] : [];
}
