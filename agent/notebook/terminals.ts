/** A process, as the kernel lists it. */
export interface SessionProcess {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** 0: it has no terminal. */
  readonly terminal: number;
}

/**
 * In how many terminals of a unit a program runs. A terminal's shell leads a session of its own, with a terminal; what it runs, in the
 * foreground or not, is of that session or descends from the shell. A daemon that has left both is not seen. Pure.
 */
export function countBusyTerminals(processes: readonly SessionProcess[]): number {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const isLeader = ({ pid, session, terminal }: SessionProcess) => pid === session && terminal !== 0;
  // A program in a terminal may open terminals itself: it is the outer one's.
  const shells = processes.filter((process) => isLeader(process) && !hasAncestor(process, isLeader, byPid));
  const isBusy = (shell: SessionProcess) =>
    processes.some(
      (other) =>
        other.pid !== shell.pid &&
        (other.session === shell.pid || hasAncestor(other, ({ pid }) => pid === shell.pid, byPid)),
    );
  return shells.filter(isBusy).length;
}

function hasAncestor(
  process: SessionProcess,
  isWanted: (ancestor: SessionProcess) => boolean,
  byPid: ReadonlyMap<number, SessionProcess>,
): boolean {
  const seen = new Set<number>();
  let ancestor = byPid.get(process.parent);
  while (ancestor !== undefined && !seen.has(ancestor.pid)) {
    if (isWanted(ancestor)) return true;
    seen.add(ancestor.pid);
    ancestor = byPid.get(ancestor.parent);
  }
  return false;
}

/** A process from the text of /proc/PID/stat; null: it can't be read. The program's name may have blanks and brackets. Pure. */
export function parseStat(text: string): SessionProcess | null {
  const [, pid, rest] = /^(\d+) \(.*\) (.*)$/s.exec(text.trim()) ?? [];
  const [, parent, , session, terminal] = rest?.split(" ").map(Number) ?? [];
  if (pid === undefined || parent === undefined || session === undefined || terminal === undefined)
    return null;
  return { pid: Number(pid), parent, session, terminal };
}
