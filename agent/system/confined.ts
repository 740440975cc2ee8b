/** Who a confined program runs as. It has no other groups than these. */
export interface ConfinedUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The argv that runs `argv` as `user` in the cgroup at `cgroupFolder`, when root spawns it. It joins the group before it
 * gives up anything, so that no process of it is ever elsewhere; afterwards it has no capability, no other group, and no
 * set-user-ID program gives it any (`no_new_privs`).
 * @see setpriv(1)
 */
export function confined(
  cgroupFolder: string,
  user: ConfinedUser,
  argv: readonly string[],
): readonly [string, ...string[]] {
  return [
    "/bin/sh",
    "-c",
    'echo 0 >"$0/cgroup.procs" && exec "$@"',
    cgroupFolder,
    "/usr/bin/setpriv",
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    "--clear-groups",
    "--no-new-privs",
    "--inh-caps=-all",
    "--bounding-set=-all",
    "--",
    ...argv,
  ];
}
