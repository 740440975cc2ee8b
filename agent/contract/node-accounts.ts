/** The account that jobs run as, the same on every node: the image's recipe makes it, the probe "job-user" checks it. */
export const JOB_USER = { name: "muster", uid: 1500, gid: 1500, home: "/home/muster" } as const;

/**
 * The account of mpiexec, when the agent starts it for a job. Ranks are the job user's, so no job can signal, trace or read
 * the mpiexec that runs it, nor reach the output and the exit code that it holds open.
 */
export const LAUNCH_USER = { name: "muster-launch", uid: 1503, gid: 1503, home: "/" } as const;

/** The group whose members may run mpiexec by hand. A job's processes are not in it. */
export const LOGIN_GROUP = { name: "muster-login", gid: 1502 } as const;

/**
 * Who owns the agents' own folder on the shared file system: an account that no node has, so that no process can become it. They
 * reach the folder by its access point alone.
 */
export const AGENTS_OWNER = { uid: 1501, gid: 1501 } as const;
