import { join } from "node:path";
import { localRoot } from "../../system/paths.js";

const CLOUD_NAME = /^[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/;
/** Overlay options are split at commas and colons, so the paths in them must have neither. */
const PLAIN_PATH = /^\/[\w./-]+$/;

/** A local cloud's folders, namespaces and cgroups. All of their names contain the cloud's name. */
export interface CloudPlaces {
  readonly name: string;
  readonly folder: string;
  /** One folder per instance: console.log, and while the node exists pid, cpuinfo, disk, root. */
  readonly nodes: string;
  /** One folder per EFS file system, and `.access-points/<id>` links to their root directories. */
  readonly efs: string;
  /** Holds `hosts`, every node's /etc/hosts. It replaces the VPC's name server. */
  readonly vpc: string;
  /** What EC2 announces to instances: a file for each address, if anything (see lan/notices.ts). */
  readonly notices: string;
  /** The node image's mount point. */
  readonly image: string;
  /** A folder for each other machine image that has contents: Debian's plain one, and those that were made of nodes. */
  readonly images: string;
  readonly agentLayer: string;
  readonly localLayer: string;
  /** The local layer of nodes with a plain Debian. */
  readonly plainLayer: string;
  /** Name of the network namespace that is the LAN, as `ip netns` lists it. */
  readonly netns: string;
  /** Name of the cgroup (below the machine's cgroup2 root) of all the cloud's processes. */
  readonly cgroup: string;
}

/** The places of the cloud `name` (1-16 characters: a-z, 0-9, hyphens). Touches nothing. Throws for an invalid name. */
export function cloudPlaces(name: string, root: string = localRoot()): CloudPlaces {
  if (!CLOUD_NAME.test(name)) {
    throw new Error(
      `"${name}" can't name a local cloud: 1-16 of a-z, 0-9 and -, a letter first, no hyphen last.`,
    );
  }
  if (!PLAIN_PATH.test(root)) {
    throw new Error(
      `MUSTER_LOCAL_DIR is "${root}": it must be an absolute path of letters, digits and . _ - /`,
    );
  }
  const folder = join(root, "clouds", name);
  return {
    name,
    folder,
    nodes: join(folder, "nodes"),
    efs: join(folder, "efs"),
    vpc: join(folder, "vpc"),
    notices: join(folder, "notices"),
    image: join(folder, "image"),
    images: join(folder, "images"),
    agentLayer: join(folder, "agent-layer"),
    localLayer: join(folder, "local-layer"),
    plainLayer: join(folder, "plain-layer"),
    netns: `muster-${name}`,
    cgroup: `muster-${name}`,
  };
}

/** The LAN's end of a node's link; at most 15 characters, as the kernel asks. */
export const vethName = (instanceId: string): string => `v${instanceId.replace(/^i-/, "").slice(-14)}`;
