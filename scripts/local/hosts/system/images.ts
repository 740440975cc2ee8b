import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packRoot } from "../../../image/pack.js";
import { runCommand } from "../../../system/command.js";
import type { CloudPlaces } from "../cloud.js";
import { mountImage, unmountBelow } from "./mounts.js";
import { isPoweredOn, nodePlaces } from "./node.js";

const LIMIT = { timeoutSeconds: 20 } as const;
/** zstd's level: such an image lives as long as its cloud. */
const QUICK = 1;
const IMAGE_ID = /^ami-[0-9a-z]{1,40}$/;

export interface HostImagesOptions {
  readonly cloud: CloudPlaces;
  /** The id of Debian's plain image. */
  readonly plainId: string;
  /** Makes the plain root, unless it is there, and the layer of nodes that boot it. Gives the root's squashfs. Asked at the first use. */
  readonly preparePlain: () => Promise<string>;
}

/**
 * The machine images that instances boot: the node image, which has its agent in a layer of its own; Debian's plain one; and those that were
 * made of stopped nodes: what these wrote above what they booted, without this machine's layers.
 */
export interface HostImages {
  /** Folders, the topmost first. An unknown id has the node image. */
  layersOf(imageId: string): Promise<readonly string[]>;
  /** Fails, with the reason, unless the instance's node is here, has stopped, and has a disk of its own. */
  create(imageId: string, instanceId: string): Promise<void>;
  copy(imageId: string, sourceId: string): Promise<void>;
  /** Nodes that have booted it go on. */
  remove(imageId: string): void;
}

/** The images of one cloud. */
export function createHostImages({ cloud, plainId, preparePlain }: HostImagesOptions): HostImages {
  /** Image id -> the id whose contents it has: copies share what they are copies of. */
  const made = new Map<string, string>();
  let plain: Promise<string> | undefined;
  const contentsOf = (imageId: string): string => made.get(imageId) ?? imageId;

  async function plainRoot(): Promise<string> {
    const folder = join(cloud.images, "plain");
    plain ??= preparePlain().then(async (squashfs) => {
      await mountImage(squashfs, folder);
      return folder;
    });
    // The next node tries again.
    plain.catch(() => {
      plain = undefined;
    });
    return plain;
  }

  /** Where the image's root is mounted. */
  async function rootOf(imageId: string): Promise<string> {
    if (imageId === plainId) return plainRoot();
    const contents = made.get(imageId);
    if (contents === undefined) return cloud.image;
    const squashfs = join(cloud.images, `${contents}.squashfs`);
    const folder = join(cloud.images, contents);
    await mountImage(squashfs, folder);
    return folder;
  }

  return {
    async layersOf(imageId) {
      const root = await rootOf(imageId);
      if (imageId === plainId) return [cloud.plainLayer, root];
      return root === cloud.image ? [cloud.localLayer, cloud.agentLayer, root] : [cloud.localLayer, root];
    },
    async create(imageId, instanceId) {
      if (!IMAGE_ID.test(imageId)) throw new Error(`"${imageId}" is not an image id (ami-...).`);
      const places = nodePlaces(cloud, instanceId);
      if (!existsSync(places.imageFile)) throw new Error(`${instanceId} has no node in this cloud`);
      if (isPoweredOn(places)) throw new Error(`${instanceId} is running: stop it first`);
      if (!existsSync(places.written))
        throw new Error(`${instanceId} has no disk left: this cloud's are in memory`);
      const root = await rootOf(readFileSync(places.imageFile, "utf8"));
      const below = root === cloud.image ? [cloud.agentLayer, root] : [root];
      const folder = join(cloud.images, `${imageId}.making`);
      mkdirSync(folder, { recursive: true });
      try {
        const lower = [places.written, ...below].join(":");
        await runCommand(["mount", "-t", "overlay", "overlay", "-o", `ro,lowerdir=${lower}`, folder], LIMIT);
        await packRoot(folder, join(cloud.images, `${imageId}.squashfs`), QUICK);
        made.set(imageId, imageId);
      } finally {
        await unmountBelow(folder);
        rmSync(folder, { recursive: true, force: true });
      }
    },
    async copy(imageId, sourceId) {
      made.set(imageId, contentsOf(sourceId));
    },
    remove(imageId) {
      const contents = made.get(imageId);
      made.delete(imageId);
      if (contents === undefined || [...made.values()].includes(contents)) return;
      // What is mounted stays so.
      rmSync(join(cloud.images, `${contents}.squashfs`), { force: true });
    },
  };
}
