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
/** Session Manager's own program for one session, wherever its agent is installed. */
const MANAGER_PROGRAM = /\/ssm-session-worker$/;

/** The names of those programs as /proc/<pid>/status has them: the first 15 characters. */
export const SESSION_NAMES: ReadonlySet<string> = new Set(["sshd-session", "ssm-session-wor"]);

/**
 * How many people are logged in: the ssh connections of a user, and the sessions of Session Manager. Of each connection, sshd keeps one
 * process of root's, and below it one that has become the user. Before the log-in there is no such second one, so strangers who only try
 * count for nothing; and no job can make its processes children of root's sshd, or root's. Pure.
 */
export function countLogins(processes: readonly ProcessFacts[], uid: number): number {
  const sessions = processes.filter(({ program }) => program === SESSION_PROGRAM);
  const roots = new Set(sessions.filter((one) => one.uid === 0).map(({ pid }) => pid));
  const loggedIn = sessions.filter((one) => one.uid === uid && roots.has(one.parent));
  const managed = processes.filter((one) => one.uid === 0 && MANAGER_PROGRAM.test(one.program ?? ""));
  return new Set(loggedIn.map(({ parent }) => parent)).size + managed.length;
}
