import {
  CopyImageCommand,
  CreateImageCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Image,
  ModifySnapshotAttributeCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { BASE_IMAGE_ID, renderImages } from "../../../scripts/local/emulator/images.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const TAGS = [{ Key: "muster:org", Value: "a & b" }];
let emulator: TestEmulator;
let ec2: EC2Client;
let west: EC2Client;
let instanceId: string;
/** What image contents do next, and what was asked of them. */
let work: () => Promise<void>;
const asked: string[] = [];

beforeAll(async () => {
  emulator = await startEmulator({
    images: renderImages("0123456789abcdef"),
    contents: {
      create: (_image, instance) => {
        asked.push(`create ${instance}`);
        return work();
      },
      copy: (_image, source) => {
        asked.push(`copy ${source}`);
        return work();
      },
      remove: (image) => void asked.push(`remove ${image}`),
    },
  });
  ec2 = new EC2Client(emulator.client);
  west = new EC2Client({ ...emulator.client, region: "us-west-2" });
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ...LAUNCH, ClientToken: "bake-1", ImageId: BASE_IMAGE_ID }),
  );
  instanceId = Instances?.[0]?.InstanceId ?? "";
});
beforeEach(() => {
  work = async () => undefined;
  asked.length = 0;
});
afterAll(() => emulator?.stop());

const LAUNCH = { InstanceType: "c5.large", MinCount: 1, MaxCount: 1 } as const;

const create = async (Name: string): Promise<string> => {
  const { ImageId = "" } = await ec2.send(
    new CreateImageCommand({
      ...{ InstanceId: instanceId, Name },
      TagSpecifications: [
        { ResourceType: "image", Tags: TAGS },
        { ResourceType: "snapshot", Tags: TAGS },
      ],
    }),
  );
  return ImageId;
};
const read = async (client: EC2Client, id: string): Promise<Image | undefined> =>
  (await client.send(new DescribeImagesCommand({ ImageIds: [id] }))).Images?.[0];
const snapshotOf = (image: Image | undefined): string =>
  image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "";

test("Debian's plain image is found by its owner, name, architecture and state", async () => {
  const find = async (Values: string[]) => {
    const Filters = [
      { Name: "name", Values: ["debian-13-amd64-*"] },
      { Name: "architecture", Values },
      { Name: "state", Values: ["available"] },
    ];
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["136693071363"], Filters }));
    return Images?.map(({ ImageId }) => ImageId);
  };
  expect(await find(["x86_64"])).toEqual([BASE_IMAGE_ID]);
  expect(await find(["arm64"])).toEqual([]);
});

test("an image is pending until its contents are there, and its tags and its snapshot's are there from the start", async () => {
  let finish = (): void => undefined;
  work = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  const id = await create("pending");
  const pending = await read(ec2, id);
  expect(pending).toMatchObject({ State: "pending", Architecture: "x86_64", Tags: TAGS });
  expect(pending).toMatchObject({ RootDeviceName: "/dev/xvda", RootDeviceType: "ebs" });
  const SnapshotIds = [snapshotOf(pending)];
  const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }));
  expect(Snapshots).toMatchObject([{ Tags: TAGS }]);
  const Filters = [
    { Name: "state", Values: ["available"] },
    { Name: "tag:muster:org", Values: ["a & b"] },
  ];
  const usable = async () => (await ec2.send(new DescribeImagesCommand({ Filters }))).Images?.length;
  expect(await usable()).toBe(0);
  const copy = { SourceImageId: id, SourceRegion: "us-east-1", Name: "copy-of-pending" };
  await expect(west.send(new CopyImageCommand(copy))).rejects.toMatchObject({ name: "InvalidRequest" });
  finish();
  expect(await read(ec2, id)).toMatchObject({ State: "available" });
  expect(await usable()).toBe(1);
  expect(asked).toEqual([`create ${instanceId}`]);
});

test("an image whose contents can't be made has failed, and says why", async () => {
  work = () => Promise.reject(new Error("the disk is full"));
  expect(await read(ec2, await create("failing"))).toMatchObject({
    State: "failed",
    StateReason: { Message: "the disk is full" },
  });
});

test("a name that an own image has is refused, in its region alone", async () => {
  const id = await create("taken");
  await expect(create("taken")).rejects.toMatchObject({
    name: "InvalidAMIName.Duplicate",
    message: expect.stringContaining(id),
  });
  const copy = { SourceImageId: id, SourceRegion: "us-east-1", Name: "taken" };
  await expect(west.send(new CopyImageCommand(copy))).resolves.toMatchObject({
    ImageId: expect.stringMatching(/^ami-/),
  });
});

test("a copy takes the source's tags and encryption, is made once per token, and can't be shared under EBS's own key", async () => {
  const id = await create("source");
  const copy = { SourceImageId: id, SourceRegion: "us-east-1", Name: "copied", ClientToken: "copy-1" };
  const send = (more: object) => west.send(new CopyImageCommand({ ...copy, ...more }));
  const wanted = { Encrypted: true, CopyImageTags: true };
  const { ImageId = "" } = await send(wanted);
  expect((await send(wanted)).ImageId).toBe(ImageId);
  await expect(send({ Encrypted: false })).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
  expect(asked.filter((call) => call.startsWith("copy"))).toEqual([`copy ${id}`]);
  const copied = await read(west, ImageId);
  expect(copied).toMatchObject({ Name: "copied", Tags: TAGS });
  expect(copied?.BlockDeviceMappings?.[0]?.Ebs).toMatchObject({ Encrypted: true });
  const share = (SnapshotId: string) =>
    new ModifySnapshotAttributeCommand({
      ...{ SnapshotId, Attribute: "createVolumePermission", OperationType: "add", UserIds: ["111122223333"] },
    });
  const refused = west.send(share(snapshotOf(copied)));
  await expect(refused).rejects.toMatchObject({ name: "OperationNotPermitted" });
  await expect(ec2.send(share(snapshotOf(await read(ec2, id))))).resolves.toBeDefined();
});

test("an image is deregistered with its snapshot where that is asked for", async () => {
  const id = await create("gone");
  const SnapshotIds = [snapshotOf(await read(ec2, id))];
  await ec2.send(new DeregisterImageCommand({ ImageId: id, DeleteAssociatedSnapshots: true }));
  expect(asked).toContain(`remove ${id}`);
  await expect(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }))).rejects.toMatchObject({
    name: "InvalidSnapshot.NotFound",
  });
});

test("a launch with a token that was used gives the instance of then", async () => {
  const again = new RunInstancesCommand({ ...LAUNCH, ClientToken: "bake-1", ImageId: BASE_IMAGE_ID });
  expect((await ec2.send(again)).Instances?.[0]?.InstanceId).toBe(instanceId);
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  expect(Reservations).toHaveLength(1);
});
