import { createHash } from "node:crypto";
import { parseDuration } from "../../../agent/contract/duration.js";
import type { ExtraStep } from "../../../agent/contract/image/extra-steps.js";
import { amiName, IMAGE_TAG } from "../../../agent/contract/image/names.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Config, State } from "../../core/types.js";
import { isWhollyKnown, UNKNOWN, type Unknown, type Value } from "../../core/value.js";
import { DEFAULT_TIMEOUTS, type imageSchema } from "./schema.js";

export type ImageState = State<typeof imageSchema>;
export type ShareRow = NonNullable<ImageState["shares"]>[number];

/** What is in an image, as a digest of what the configuration says. */
export function contentOf({
  base_ami,
  packages,
  steps,
  encrypted,
}: Pick<Config<typeof imageSchema>, "base_ami" | "packages" | "steps" | "encrypted">): string | Unknown {
  if (![base_ami, packages, steps, encrypted].every((value) => isWhollyKnown(value as Value))) return UNKNOWN;
  const known = (steps ?? []) as readonly ExtraStep[];
  const given = [base_ami, packages ?? [], known.map(({ name, script }) => [name, script]), encrypted];
  return createHash("sha256").update(JSON.stringify(given)).digest("hex");
}

/** On all that a bake makes, from the start. TAG.IMAGE is not among them. */
export const bakeTags = (
  org: string,
  image: { readonly id: string; readonly recipeSha256: string },
  {
    version,
    release,
    content,
  }: { readonly version: string; readonly release: boolean; readonly content: string },
): Readonly<Record<string, string>> => ({
  Name: amiName(org, image.id),
  [TAG.ORG]: org,
  [IMAGE_TAG.BUILD]: image.id,
  [IMAGE_TAG.VERSION]: version,
  [IMAGE_TAG.RECIPE]: image.recipeSha256,
  [IMAGE_TAG.CONTENT]: content,
  ...(release ? { [IMAGE_TAG.RELEASE]: "true" } : {}),
});

/** The image's regions, the provider's first. */
export const regionsOf = (home: string, regions: readonly string[] | null): readonly string[] => [
  ...new Set([home, ...(regions ?? []).toSorted()]),
];

/** With which key the disks are encrypted in a region: "default" is the account's own for EBS; null: not by us. */
export function encryptionIn(
  region: string,
  { encrypted, kms_key_ids: keys }: Pick<ImageState, "encrypted" | "kms_key_ids">,
): string | null {
  return encrypted ? (keys?.[region] ?? "default") : null;
}

/** The bound on one action, in milliseconds: the user's or the default. */
export function timeoutMs(state: ImageState, action: keyof typeof DEFAULT_TIMEOUTS): number {
  const given = parseDuration(state.timeouts?.[action] ?? DEFAULT_TIMEOUTS[action]);
  if (given === null)
    throw new Error(`The ${action} timeout is no duration; validation should have refused it.`);
  return given;
}
