import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openLimits } from "../limits/limits.js";
import type { CloudPlaces } from "./cloud.js";
import { cgroupPath, removeCgroup } from "./system/cgroup.js";
import { hasLan, removeLan } from "./system/lan.js";
import { mountsBelow, unmountBelow } from "./system/mounts.js";

/**
 * Removes everything that a cloud has on this machine: its processes (all are in its cgroup), mounts, network namespace with
 * bridge and links, its folder, and its claim on the machine's limits. It finds them by names that contain the cloud's name. So it
 * works even after everything was killed, and touches nothing else. May run twice.
 */
export async function sweepCloud(cloud: CloudPlaces): Promise<void> {
  await removeCgroup(cgroupPath(cloud.cgroup));
  await unmountBelow(cloud.folder);
  const mounted = mountsBelow(cloud.folder);
  if (mounted.length > 0) throw new Error(`Still mounted: ${mounted.join(", ")}. Unmount and run it again.`);
  await removeLan(cloud.netns);
  await openLimits().release(cloud.folder);
  rmSync(cloud.folder, { recursive: true, force: true });
}

/** What is left of a cloud on this machine, in words; empty if there is nothing. Changes nothing. */
export function leftoversOf(cloud: CloudPlaces): string[] {
  const cgroup = cgroupPath(cloud.cgroup);
  const nodes = openLimits().claimed(cloud.folder);
  return [
    ...processesBelow(cgroup).map((pid) => `process ${pid}`),
    ...(existsSync(cgroup) ? [`cgroup ${cgroup}`] : []),
    ...mountsBelow(cloud.folder).map((path) => `mount ${path}`),
    ...(hasLan(cloud.netns) ? [`network namespace ${cloud.netns}`] : []),
    ...(nodes > 0 ? [`limits of this machine that are raised for ${nodes} nodes`] : []),
    ...(existsSync(cloud.folder) ? [`folder ${cloud.folder}`] : []),
  ];
}

function processesBelow(cgroup: string): string[] {
  if (!existsSync(cgroup)) return [];
  const here = readFileSync(join(cgroup, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
  const folders = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...here, ...folders.flatMap((entry) => processesBelow(join(cgroup, entry.name)))];
}
