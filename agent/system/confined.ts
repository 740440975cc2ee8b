/** The user of a confined program. It has no groups but these. */
export interface ConfinedUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Before a program of a job: shared memory of its own, of both kinds (POSIX's in /dev/shm, System V's), which goes with its
 * last process. What is mounted on the node later, such as /shared, is seen all the same.
 * @see unshare(1)
 */
const OWN_MEMORY = [
  "/usr/bin/unshare",
  "--ipc",
  "--mount",
  "--propagation=slave",
  "--",
  "/bin/sh",
  "-c",
  '/usr/bin/mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm && exec "$@"',
  "muster-launch",
] as const;

/** Of each process: enough for connections to thousands of ranks. */
const MAX_OPEN_FILES = 65_536;

export interface ConfinedOptions {
  readonly ownMemory?: boolean;
  /** The soft and the hard limit. */
  readonly openFiles?: number;
  /** It waits in the group, as who spawns it, until a line comes by its standard input, and ends where none does; then it gives up the rest. */
  readonly isHeld?: boolean;
}

/**
 * The argv that runs `argv` as `user` in the cgroup at `cgroupFolder`, when root spawns it. It joins the group before it
 * gives up anything, so that no process of it is ever elsewhere; afterwards it has no capability, no other group, and no
 * set-user-ID program gives it any (`no_new_privs`). Where memory runs out the kernel ends it before the agent, and it can't
 * change that: root has set it. It may have `openFiles` files and connections open, or as many as who spawns it where that is fewer and
 * can't be raised. With `ownMemory` it leaves no shared memory behind.
 * @see setpriv(1)
 */
export const confined = (
  cgroupFolder: string,
  user: ConfinedUser,
  argv: readonly string[],
  options: ConfinedOptions = {},
): readonly [string, ...string[]] => [...joined(cgroupFolder, options), ...asUser(user), ...argv];

/** The first words of `confined`: what follows them runs in the group, with its limits, and is root's still. */
export function joined(
  cgroupFolder: string,
  { ownMemory = false, openFiles = MAX_OPEN_FILES, isHeld = false }: ConfinedOptions = {},
): readonly [string, ...string[]] {
  return [
    "/bin/sh",
    "-c",
    `echo 0 >"$0/cgroup.procs" && echo 500 >/proc/self/oom_score_adj && { ulimit -n ${openFiles} 2>/dev/null || :; } && ${isHeld ? "read -r _ && " : ""}exec "$@"`,
    cgroupFolder,
    ...(ownMemory ? OWN_MEMORY : []),
  ];
}

/** The last words of `confined`: what follows them runs as the user, without capabilities and other groups. */
export const asUser = (user: ConfinedUser): readonly string[] => [
  "/usr/bin/setpriv",
  `--reuid=${user.uid}`,
  `--regid=${user.gid}`,
  "--clear-groups",
  "--no-new-privs",
  "--inh-caps=-all",
  "--bounding-set=-all",
  "--",
];

/** The argv that runs `argv` as who spawns it, in the cgroup at `cgroupFolder`. */
export const inCgroup = (cgroupFolder: string, argv: readonly string[]): readonly [string, ...string[]] => [
  "/bin/sh",
  "-c",
  'echo 0 >"$0/cgroup.procs" && exec "$@"',
  cgroupFolder,
  ...argv,
];
