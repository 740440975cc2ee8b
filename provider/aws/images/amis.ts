import type { _InstanceType, Image, Instance } from "@aws-sdk/client-ec2";
import { amiName, IMAGE_TAG, parseImageId } from "../../../agent/contract/image/names.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Ami, Builder, SharedAmi, SharedFamily } from "../../client/image-ports.js";

type TagList = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];
export const tagsOf = (list: TagList = []): Readonly<Record<string, string>> =>
  Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
export const tagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** What of a bake's is asked for. */
export interface Bakes {
  readonly image?: string;
  readonly family?: string;
}

/** The filters of EC2 for what bakes of the org have made. A family's may take others along: see isOf. */
export const filtersFor = (org: string, { image, family }: Bakes) => [
  { Name: `tag:${TAG.ORG}`, Values: [org] },
  image === undefined && family === undefined
    ? { Name: "tag-key", Values: [IMAGE_TAG.BUILD] }
    : { Name: `tag:${IMAGE_TAG.BUILD}`, Values: [image ?? `${family}-*`] },
];

/** Whether something with these tags is of those that are asked for: `mpi-*` matches the family mpi-gpu too. */
export function isOf(tags: Readonly<Record<string, string>>, { image, family }: Bakes): boolean {
  const id = tags[IMAGE_TAG.BUILD] ?? "";
  const name = parseImageId(id);
  return name !== null && (image ?? id) === id && (family ?? name.family) === name.family;
}

export const amiFrom = (image: Image, region: string): Ami => ({
  id: image.ImageId ?? "",
  region,
  state: image.State ?? "available",
  stateReason: image.StateReason?.Message ?? null,
  createdAt: image.CreationDate ?? "",
  tags: tagsOf(image.Tags),
  snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
});

/** An AMI of another account by its name; null: it is not of the family. */
export function sharedAmi(
  image: Image,
  region: string,
  { ownerOrg, family }: Pick<SharedFamily, "family" | "ownerOrg">,
): SharedAmi | null {
  const name = (image.Name ?? "").slice(amiName(ownerOrg, "").length);
  if (parseImageId(name)?.family !== family) return null;
  const { id, state, createdAt } = amiFrom(image, region);
  return { id, region, state, createdAt, image: name };
}

export const builderFrom = (instance: Instance): Builder => ({
  id: instance.InstanceId ?? "",
  state: instance.State?.Name ?? "unknown",
  stateReason: instance.StateReason?.Message ?? null,
});

/** The SDK lists the types that it knew when it was made. */
export const typeNamed = (name: string): _InstanceType => name as _InstanceType;
