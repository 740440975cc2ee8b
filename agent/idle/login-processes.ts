/** A process, as /proc/<pid>/status says it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** The real user's id. */
  readonly uid: number;
  /** The first 15 characters of the program's name. */
  readonly name: string;
}

/** What /proc/<pid>/status says; null: it is none. Pure. */
export function parseProcess(pid: number, status: string): ProcessFacts | null {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
  const name = field("Name");
  const parent = Number(field("PPid"));
  const uid = Number(field("Uid")?.split(/\s+/)[0]);
  return name === undefined || !Number.isInteger(parent) || !Number.isInteger(uid)
    ? null
    : { pid, parent, uid, name };
}

/** OpenSSH's own name for a session, and that of releases before 9.8. */
const SSH = new Set(["sshd-session", "sshd"]);
/** Session Manager's, cut to 15 characters. */
const SSM = "ssm-session-wor";

/**
 * How many people are logged in: each ssh session is a process of sshd's that has become the user, below one of root's; each session of
 * Session Manager is a worker of root's. Logins of root itself are not counted: people log in as another user. A job can name its processes so as well, but has none of root's above them. Pure.
 */
export function countLogins(processes: readonly ProcessFacts[]): number {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const isSsh = ({ uid, name, parent }: ProcessFacts) => {
    const above = byPid.get(parent);
    return uid !== 0 && SSH.has(name) && above?.uid === 0 && SSH.has(above.name);
  };
  const isSsm = ({ uid, name }: ProcessFacts) => uid === 0 && name === SSM;
  return processes.filter((process) => isSsh(process) || isSsm(process)).length;
}
