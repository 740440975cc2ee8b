import { textOf, withElements } from "./items.js";

/** What fills images: the disks of the local cloud's hosts. */
export interface ImageContents {
  /** Keeps what is on the instance's disk as the image's. Rejects with the reason: then the image has failed. */
  create(imageId: string, instanceId: string): Promise<void>;
  /** Gives the image what another one has. */
  copy(imageId: string, sourceId: string): Promise<void>;
  /** There is no such image any more. */
  remove(imageId: string): void;
}

/** Where no host is: images have no contents, and are available at once. */
export const NO_CONTENTS: ImageContents = {
  create: async () => undefined,
  copy: async () => undefined,
  remove: () => undefined,
};

/** What the emulator does not know of an image that was made here. */
export interface ImageRecord {
  readonly snapshotId: string;
  readonly isEncrypted: boolean;
  /** The key of an encrypted one; null: the account's own for EBS. */
  readonly kmsKeyId: string | null;
  state: "pending" | "available" | "failed";
  /** Of a failed one. */
  reason: string;
  /** ISO 8601; null: not deprecated. */
  deprecatedAt: string | null;
}

/** The name that the root disk has in every image of this cloud. */
const ROOT_DEVICE = "/dev/xvda";

/** An image of a reply, with what its record knows. Pure. */
export function describeRecord(item: string, record: ImageRecord | undefined): string {
  if (record === undefined) return item;
  const text = withElements(item, {
    imageState: record.state,
    architecture: "x86_64",
    rootDeviceType: "ebs",
    rootDeviceName: ROOT_DEVICE,
    deviceName: ROOT_DEVICE,
    deprecationTime: record.deprecatedAt ?? undefined,
  }).replace(/<ebs>/, `<ebs><encrypted>${record.isEncrypted}</encrypted>`);
  if (record.state !== "failed") return text;
  const reason = withElements("", { code: "Client.InternalError", message: record.reason });
  return `${text}<stateReason>${reason}</stateReason>`;
}

/** A snapshot of a reply, with what the record of its image knows. Pure. */
export const describeSnapshot = (item: string, record: ImageRecord | undefined): string =>
  record?.isEncrypted === true
    ? withElements(item, { encrypted: true, kmsKeyId: record.kmsKeyId ?? undefined })
    : item;

/** The filters of DescribeImages that the emulator's own data does not answer. */
export const OWN_FILTERS = ["state", "architecture", "root-device-type"] as const;
const ELEMENT_OF: Readonly<Record<string, string>> = {
  state: "imageState",
  architecture: "architecture",
  "root-device-type": "rootDeviceType",
};

/** Whether an image of a reply has what the filters ask for. Pure. */
export const passes = (item: string, filters: ReadonlyMap<string, readonly string[]>): boolean =>
  [...filters].every(([name, values]) => values.includes(textOf(item, ELEMENT_OF[name] ?? "")));
