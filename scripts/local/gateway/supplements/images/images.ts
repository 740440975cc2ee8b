import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ec2Reply, errorReply, type Reply } from "../../reply.js";
import type { GatewayCall, Supplements } from "../supplement.js";
import { mapItems, textOf } from "./items.js";
import { createTags, type Tag, tagsFor, takeFilters, without } from "./parameters.js";
import {
  describeRecord,
  describeSnapshot,
  type ImageContents,
  type ImageRecord,
  OWN_FILTERS,
  passes,
} from "./records.js";
import { SharedImages } from "./shared.js";

/**
 * Machine images as EC2 has them, where the emulator differs: a used name is refused, snapshots get their tags, an image is pending until
 * its contents are there or has failed, and has an architecture and a root device; copies take tags and encryption; snapshots go with their
 * image where that is asked for; accounts see what is shared with them; a snapshot under the account's own EBS key can't be shared.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
 */
export function images(emulatorUrl: string, contents: ImageContents): Supplements {
  const records = new Map<string, ImageRecord>();
  const shared = new SharedImages(emulatorUrl);

  /** Enters a new image, whose contents are on their way. */
  async function enter(
    call: GatewayCall,
    imageId: string,
    { tags, snapshotTags, ...known }: Entry,
    work: Promise<void>,
  ): Promise<void> {
    const described = await look(call, { Action: "DescribeImages", "ImageId.1": imageId });
    const snapshotId = textOf(described, "snapshotId");
    if (tags.length > 0) await look(call, createTags([imageId], tags));
    if (snapshotTags.length > 0) await look(call, createTags([snapshotId], snapshotTags));
    const record: ImageRecord = { snapshotId, ...known, state: "pending", reason: "", deprecatedAt: null };
    records.set(imageId, record);
    work.then(
      () => {
        record.state = "available";
      },
      (error: Error) => {
        record.state = "failed";
        record.reason = error.message;
      },
    );
  }

  const bySnapshot = (snapshotId: string): ImageRecord | undefined =>
    [...records.values()].find((record) => record.snapshotId === snapshotId);

  async function create(call: GatewayCall): Promise<Reply> {
    const { form } = call.request;
    const taken = await nameTaken(call);
    if (taken !== undefined) return taken;
    const reply = await call.ask({ body: bodyOf(without(form, "TagSpecification")) });
    const imageId = textOf(reply.body, "imageId");
    if (reply.status >= 300 || imageId === "") return reply;
    const entry = {
      tags: tagsFor(form, "image"),
      snapshotTags: tagsFor(form, "snapshot"),
      isEncrypted: form.get("BlockDeviceMapping.1.Ebs.Encrypted") === "true",
      kmsKeyId: null,
    };
    await enter(call, imageId, entry, contents.create(imageId, form.get("InstanceId") ?? ""));
    return reply;
  }

  async function copy(call: GatewayCall): Promise<Reply> {
    const { form } = call.request;
    const [sourceId, sourceRegion] = [form.get("SourceImageId") ?? "", form.get("SourceRegion") ?? ""];
    const source = records.get(sourceId);
    const taken = await nameTaken(call);
    if (taken !== undefined) return taken;
    if (source !== undefined && source.state !== "available") {
      const message = `Image ${sourceId} is not available for copying: it is ${source.state}.`;
      return errorReply(call.operation, 400, "InvalidRequest", message);
    }
    const reply = await call.ask({ body: bodyOf(without(form, "TagSpecification")) });
    const imageId = textOf(reply.body, "imageId");
    if (reply.status >= 300 || imageId === "") return reply;
    const own = tagsFor(form, "image");
    const inherited =
      form.get("CopyImageTags") === "true" ? await tagsOfImage(emulatorUrl, sourceRegion, sourceId) : [];
    const entry = {
      tags: [...inherited.filter(({ key }) => !own.some((tag) => tag.key === key)), ...own],
      snapshotTags: tagsFor(form, "snapshot"),
      isEncrypted: form.get("Encrypted") === "true" || (source?.isEncrypted ?? false),
      kmsKeyId: form.get("KmsKeyId") ?? source?.kmsKeyId ?? null,
    };
    await enter(call, imageId, entry, contents.copy(imageId, sourceId));
    return reply;
  }

  const deprecate = (at: (call: GatewayCall) => string | null) => async (call: GatewayCall) => {
    const record = records.get(call.request.form.get("ImageId") ?? "");
    if (record !== undefined) record.deprecatedAt = at(call);
    return succeeded(call);
  };

  return {
    "ec2.CreateImage": create,
    "ec2.CopyImage": copy,
    "ec2.DescribeImages": async (call) => {
      const { rest, taken } = takeFilters(call.request.form, OWN_FILTERS);
      const reply = (await shared.describe(call, rest)) ?? (await call.ask({ body: bodyOf(rest) }));
      const body = mapItems(reply.body, "imagesSet", (item) => {
        const described = describeRecord(item, records.get(textOf(item, "imageId")));
        return passes(described, taken) ? described : null;
      });
      return { ...reply, body };
    },
    "ec2.DescribeSnapshots": async (call) => {
      const reply = await call.ask();
      const body = mapItems(reply.body, "snapshotSet", (item) =>
        describeSnapshot(item, bySnapshot(textOf(item, "snapshotId"))),
      );
      return { ...reply, body };
    },
    "ec2.ModifySnapshotAttribute": async ({ operation, request: { form } }) => {
      const record = bySnapshot(form.get("SnapshotId") ?? "");
      if (record === undefined || !record.isEncrypted || record.kmsKeyId !== null) return undefined;
      const message = "Encrypted snapshots with EBS default key cannot be shared";
      return errorReply(operation, 400, "OperationNotPermitted", message);
    },
    "ec2.ModifyImageAttribute": async (call) => {
      const reply = await call.ask();
      if (reply.status < 300) shared.note(call);
      return reply;
    },
    "ec2.DeregisterImage": async (call) => {
      const imageId = call.request.form.get("ImageId") ?? "";
      const reply = await call.ask();
      if (reply.status >= 300) return reply;
      const record = records.get(imageId);
      contents.remove(imageId);
      shared.forget(imageId);
      if (record !== undefined && call.request.form.get("DeleteAssociatedSnapshots") === "true")
        await look(call, { Action: "DeleteSnapshot", SnapshotId: record.snapshotId });
      records.delete(imageId);
      return reply;
    },
    "ec2.EnableImageDeprecation": deprecate(({ request }) => request.form.get("DeprecateAt")),
    "ec2.DisableImageDeprecation": deprecate(() => null),
  };
}

interface Entry extends Pick<ImageRecord, "isEncrypted" | "kmsKeyId"> {
  readonly tags: readonly Tag[];
  readonly snapshotTags: readonly Tag[];
}

/** EC2's answer where an own image in the region has the request's name. */
async function nameTaken(call: GatewayCall): Promise<Reply | undefined> {
  const name = call.request.form.get("Name") ?? "";
  const found = await look(call, {
    ...{ Action: "DescribeImages", "Owner.1": "self", "Filter.1.Name": "name", "Filter.1.Value.1": name },
  });
  const other = textOf(found, "imageId");
  if (other === "") return undefined;
  const message = `AMI name ${name} is already in use by AMI ${other}`;
  return errorReply(call.operation, 400, "InvalidAMIName.Duplicate", message);
}

/** Of the emulator's own account, in any region. */
async function tagsOfImage(endpoint: string, region: string, imageId: string): Promise<readonly Tag[]> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new EC2Client({ endpoint, region, credentials });
  const { Images } = await client.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  client.destroy();
  return (Images?.[0]?.Tags ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
}

const bodyOf = (form: URLSearchParams): Buffer => Buffer.from(form.toString());

/** What the emulator answers to another call of EC2's, in the caller's account and region. */
async function look(call: GatewayCall, parameters: Readonly<Record<string, string>>): Promise<string> {
  return (await call.ask({ body: bodyOf(new URLSearchParams({ Version: "2016-11-15", ...parameters })) }))
    .body;
}

const succeeded = ({ operation }: GatewayCall): Reply => ec2Reply(operation.action, { return: true });
