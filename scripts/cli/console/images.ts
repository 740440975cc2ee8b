import { findDeclaredShares } from "../core/declared-images.js";
import { imageShares } from "../core/images.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";
import type { ImageView } from "./api.js";

/** The org's images, with each account that has one or is to have it: what `muster image list` shows. */
export async function viewImages(
  access: Pick<Access, "images">,
  world: Pick<World, "readFile" | "env">,
  org: string,
): Promise<readonly ImageView[]> {
  const declared = findDeclaredShares(world, org);
  return (await Array.fromAsync(await access.images.list())).map((image) => ({
    name: image.id,
    family: image.family,
    status: image.isWhole ? "FINISHED" : "INPROGRESS",
    createdAt: image.createdAt,
    shares: imageShares(image, declared).map(({ account, region, status, reason }) => ({
      ...{ account, region, reason },
      state: status,
    })),
  }));
}
