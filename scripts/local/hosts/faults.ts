import { join } from "node:path";
import { type CloudPlaces, vethName } from "./cloud.js";
import { killCgroup, setFrozen, waitUntilEmpty } from "./system/cgroup.js";
import { setLink } from "./system/lan.js";
import { initPid, nodePlaces } from "./system/node.js";

/**
 * Faults of a node. All act at once, and only on a running node; they fail, naming the instance, if its
 * node is off. The instance stays "running" for EC2.
 */
export const NODE_FAULTS = {
  /** Power loss: no FIN, no clean-up. The node stays off until its instance is replaced. */
  kill: async (cloud: CloudPlaces, id: string): Promise<void> => {
    const { cgroup } = requireOn(cloud, id);
    await setLink(cloud.netns, vethName(id), "down");
    killCgroup(cgroup);
    await waitUntilEmpty(cgroup);
  },
  /** The network cable is unplugged. */
  cut: (cloud: CloudPlaces, id: string): Promise<void> => plug(cloud, id, "down"),
  uncut: (cloud: CloudPlaces, id: string): Promise<void> => plug(cloud, id, "up"),
  /** The machine hangs: no process runs, connections stay open. */
  freeze: async (cloud: CloudPlaces, id: string): Promise<void> => {
    setFrozen(join(requireOn(cloud, id).cgroup, "node"), true);
  },
  thaw: async (cloud: CloudPlaces, id: string): Promise<void> => {
    setFrozen(join(requireOn(cloud, id).cgroup, "node"), false);
  },
} as const;
export type NodeFault = keyof typeof NODE_FAULTS;

async function plug(cloud: CloudPlaces, id: string, state: "up" | "down"): Promise<void> {
  requireOn(cloud, id);
  await setLink(cloud.netns, vethName(id), state);
}

function requireOn(cloud: CloudPlaces, id: string): { readonly cgroup: string } {
  const places = nodePlaces(cloud, id);
  if (initPid(places) === null)
    throw new Error(`The node of ${id} is not running in the local cloud "${cloud.name}".`);
  return places;
}
