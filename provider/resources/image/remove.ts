import { IMAGE_TAG, taggedRegions } from "../../../agent/contract/image/names.js";
import { type KnownVersion, planRetention } from "../../../agent/contract/image/retention.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Ami } from "../../client/image-ports.js";
import type { MusterClient } from "../../client/ports.js";
import { type DiagnosticError, failure } from "../../core/diagnostic.js";
import { regionsOf } from "./state.js";

type WithClient = { readonly client: Pick<MusterClient, "images" | "region"> };

/** A version of the family that is whole in the provider's region. */
export interface FamilyVersion extends KnownVersion {
  readonly regions: readonly string[];
  /** Another one has taken its place in Terraform's state. */
  readonly isReplaced: boolean;
}

/** All whole versions of a family, without who uses them. */
export async function observeFamily(
  family: string,
  { client }: WithClient,
): Promise<readonly FamilyVersion[]> {
  const amis = await client.images.list(client.region, { family });
  return amis.filter(({ tags }) => tags[TAG.IMAGE] !== undefined).map((ami) => versionOf(ami, client.region));
}

const versionOf = ({ tags, createdAt }: Ami, home: string): FamilyVersion => ({
  id: tags[IMAGE_TAG.BUILD] ?? "",
  version: tags[IMAGE_TAG.VERSION] ?? "0",
  createdAt,
  isRelease: tags[IMAGE_TAG.RELEASE] !== undefined,
  usedBy: [],
  regions: regionsOf(home, taggedRegions(tags)),
  isReplaced: tags[IMAGE_TAG.REPLACED] !== undefined,
});

/**
 * What is to be done with a version whose resource goes. `replaced`: a later one has its place, and the rule of retention decides. Else it is
 * the family's end: it goes with all that were replaced. Pure.
 */
export function planRetirement(
  id: string,
  family: readonly FamilyVersion[],
): { readonly kind: "replaced" } | { readonly kind: "end"; readonly remove: readonly FamilyVersion[] } {
  const own = family.find((version) => version.id === id);
  const isLater = (version: FamilyVersion): boolean =>
    !version.isReplaced && own !== undefined && version.createdAt > own.createdAt;
  if (family.some(isLater)) return { kind: "replaced" };
  const others = family.some((version) => version.id !== id && !version.isReplaced);
  return {
    kind: "end",
    remove: family.filter((version) => version.id === id || (version.isReplaced && !others)),
  };
}

/** Who uses the image, in any of the regions. */
export async function observeUsers(
  image: string,
  regions: readonly string[],
  { client: { images } }: WithClient,
): Promise<readonly string[]> {
  const byRegion = await Promise.all(
    regions.map(async (region) => {
      const ids = (await images.list(region, { image })).map(({ id }) => id);
      const users = [...(await images.users(region, ids)).values()].flat();
      return users.map((user) => `${user} in ${region}`);
    }),
  );
  return byRegion.flat();
}

/** Deregisters the image in the regions. Throws, and changes nothing, where it is in use in one of them. */
export async function removeFrom(
  image: string,
  regions: readonly string[],
  context: WithClient,
): Promise<void> {
  const users = await observeUsers(image, regions, context);
  if (users.length > 0) throw inUse(image, users);
  await deregisterIn(image, regions, context);
}

export async function deregisterIn(
  image: string,
  regions: readonly string[],
  { client: { images } }: WithClient,
): Promise<void> {
  await Promise.all(
    regions.map(async (region) => {
      for (const ami of await images.list(region, { image })) await images.deregister(ami);
    }),
  );
}

/** Deregisters the family's replaced versions that the rule of retention gives up. */
export async function applyRetention(family: string, keep: number, context: WithClient): Promise<void> {
  const versions = await Promise.all(
    (await observeFamily(family, context)).map(async (version) =>
      version.isReplaced
        ? { ...version, usedBy: await observeUsers(version.id, version.regions, context) }
        : version,
    ),
  );
  for (const { version, because } of planRetention(versions, keep))
    if (because === null && version.isReplaced) await deregisterIn(version.id, version.regions, context);
}

/** The error of a removal of what is in use. */
export const inUse = (image: string, users: readonly string[]): DiagnosticError =>
  failure(
    "image-in-use",
    `Image ${image} is in use`,
    `It is used by ${users.join(", ")}. Nothing was deregistered. Destroy what uses it, or deploy it with another image, and destroy again.`,
  );
