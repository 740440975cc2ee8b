/** Who a confined program runs as. It has no other groups than these. */
export interface ConfinedUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The argv that runs `argv` as `user` in the cgroup at `cgroupFolder`, when root spawns it. It joins the group before it
 * gives up anything, so that no process of it is ever elsewhere; afterwards it has no capability, no other group, and no
 * set-user-ID program gives it any (`no_new_privs`). Where memory runs out the kernel ends it before the agent, and it can't
 * change that: root has set it.
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
    'echo 0 >"$0/cgroup.procs" && echo 500 >/proc/self/oom_score_adj && exec "$@"',
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
