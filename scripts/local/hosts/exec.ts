import { join } from "node:path";
import type { CloudPlaces } from "./cloud.js";
import { inCgroup } from "./system/cgroup.js";
import { initPid, nodePlaces } from "./system/node.js";

/** A program to spawn, as argv, with its whole environment. */
export interface NodeCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What to spawn on this machine so that `argv` runs as root inside the instance's node, in the node's cgroup: it ends
 * with the node. Fails when the node is off.
 */
export function inNode(
  cloud: CloudPlaces,
  instanceId: string,
  argv: readonly [string, ...string[]],
): NodeCommand {
  const places = nodePlaces(cloud, instanceId);
  const pid = initPid(places);
  if (pid === null)
    throw new Error(`The node of ${instanceId} is not running in the local cloud "${cloud.name}".`);
  const enter = [
    "--target",
    String(pid),
    "--mount",
    "--uts",
    "--ipc",
    "--net",
    "--pid",
    "--cgroup",
    "--root",
    "--wd",
  ];
  return {
    argv: inCgroup(join(places.cgroup, "exec"), ["nsenter", ...enter, "--", ...argv]),
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      LANG: "C.UTF-8",
    },
  };
}
