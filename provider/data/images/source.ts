import { IMAGE_TAG, parseImageId } from "../../../agent/contract/image/names.js";
import { newestFirst } from "../../../agent/contract/image/retention.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Ami, SharedAmi } from "../../client/image-ports.js";
import { errorDiagnostic } from "../../core/diagnostic.js";
import { musterDataSource } from "../source.js";
import { imagesDataSchema } from "./schema.js";

/** `data "muster_images"`. */
export const imagesSource = musterDataSource({
  schema: imagesDataSchema,

  validate({ owner, owner_org }) {
    if (owner !== null || owner_org === null) return [];
    const detail =
      "owner_org is given, but no owner: give the account whose org it is, or leave owner_org out.";
    return [errorDiagnostic("value-invalid", "owner_org needs owner", detail, ["owner_org"])];
  },

  async read({ family, regions, limit, owner, owner_org }, { client }) {
    const asked = regions ?? [client.region];
    const byRegion = await Promise.all(
      asked.toSorted().map(async (region) => {
        const rows =
          owner === null
            ? (await client.images.list(region, { family })).filter(isUsable).map(rowOf)
            : (await client.images.listShared(region, { owner, ownerOrg: owner_org ?? client.org, family }))
                .filter(({ state }) => state === "available")
                .map(sharedRow);
        return rows.toSorted((a, b) => newestFirst(dated(a), dated(b))).slice(0, limit);
      }),
    );
    const place = owner === null ? client.org : `${owner}/${owner_org ?? client.org}`;
    return { id: `${place}/${family}`, images: byRegion.flat() };
  },
});

/** It has the tag that a bake sets last, and EC2 starts instances of it. */
const isUsable = ({ state, tags }: Ami): boolean => state === "available" && tags[TAG.IMAGE] !== undefined;

const rowOf = ({ region, id, tags, createdAt }: Ami) => ({
  region,
  id: tags[IMAGE_TAG.BUILD] ?? "",
  version: tags[IMAGE_TAG.VERSION] ?? "0",
  image_id: id,
  created_at: createdAt,
  release: tags[IMAGE_TAG.RELEASE] !== undefined,
});

const sharedRow = ({ region, id, image, createdAt }: SharedAmi) => ({
  region,
  id: image,
  version: parseImageId(image)?.version ?? "0",
  image_id: id,
  created_at: createdAt,
  release: false,
});

const dated = ({ version, created_at: createdAt }: ReturnType<typeof rowOf>) => ({ version, createdAt });
