/** A process, as far as it says whether a person is logged in. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** The real user. */
  readonly uid: number;
  /** The program's file; null: it can't be read. */
  readonly program: string | null;
}

/** sshd's own program for one connection, in Debian 13's OpenSSH. */
const SESSION_PROGRAM = "/usr/lib/openssh/sshd-session";

/**
 * How many ssh connections of a user are logged in: of each, sshd keeps one process of root's, and below it one that has become the
 * user. Before the log-in there is no such second one, so strangers who only try count for nothing; and no job can make its processes
 * children of root's sshd. Pure.
 */
export function countLogins(processes: readonly ProcessFacts[], uid: number): number {
  const sessions = processes.filter(({ program }) => program === SESSION_PROGRAM);
  const roots = new Set(sessions.filter((one) => one.uid === 0).map(({ pid }) => pid));
  return new Set(
    sessions.filter((one) => one.uid === uid && roots.has(one.parent)).map(({ parent }) => parent),
  ).size;
}
