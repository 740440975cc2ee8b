import type { EC2Client } from "@aws-sdk/client-ec2";
import { amiName } from "../../../agent/contract/image/names.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Ami, AmiCopy, Images } from "../../client/image-ports.js";
import { callAws, isAwsError } from "../errors.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { amiFrom, filtersFor, isOf, sharedAmi, tagList } from "./amis.js";
import { allOf, keyOf } from "./builders.js";

/** EC2 of a region. */
export type Ec2In = (region: string) => EC2Client;

/** AMIs in all regions. */
export function imageAmis(
  sdk: ImagesSdk,
  ec2In: Ec2In,
  scope: AwsScope,
): Pick<
  Images,
  | "changeAccount"
  | "copyAmi"
  | "createAmi"
  | "deregister"
  | "list"
  | "listShared"
  | "readAccounts"
  | "tag"
  | "untag"
> {
  const { org, region: home } = scope;
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, region: string, run: () => Promise<T>): Promise<T> =>
    callAws({ ...scope, region, doing: `${doing} in ${region}` }, run);
  const ids = ({ id, snapshotIds }: Ami): string[] => [id, ...snapshotIds];
  return {
    createAmi: (builderId, name, tags) =>
      call(`make the AMI ${name} of builder ${builderId}`, home, async () => {
        const create = new sdk.CreateImageCommand({
          InstanceId: builderId,
          Name: name,
          TagSpecifications: specifications(tags),
        });
        return (await ec2In(home).send(create, aborting)).ImageId ?? "";
      }),

    copyAmi: (copy) =>
      call(`copy ${copy.from.id} from ${copy.from.region}`, copy.region, async () => {
        const { ImageId = "" } = await ec2In(copy.region).send(
          new sdk.CopyImageCommand(copyInput(copy)),
          aborting,
        );
        return ImageId;
      }),

    list: (region, of) =>
      call("list the org's AMIs", region, async () => {
        const pages = sdk.paginateDescribeImages(
          { client: ec2In(region) },
          // What is deprecated is the org's all the same.
          { Owners: ["self"], IncludeDeprecated: true, Filters: filtersFor(org, of) },
          aborting,
        );
        const amis = await allOf(pages, ({ Images: found = [] }) =>
          found.map((image) => amiFrom(image, region)),
        );
        return amis.filter(({ tags, state }) => isOf(tags, of) && state !== "deregistered");
      }),

    listShared: (region, { owner, ownerOrg, family }) =>
      call(`list what account ${owner} shares of family ${family}`, region, async () => {
        const pages = sdk.paginateDescribeImages(
          { client: ec2In(region) },
          // Only that account's: anybody may share an image of any name.
          {
            Owners: [owner],
            IncludeDeprecated: true,
            Filters: [{ Name: "name", Values: [amiName(ownerOrg, `${family}-*`)] }],
          },
          aborting,
        );
        return allOf(pages, ({ Images: found = [] }) =>
          found.flatMap((image) => sharedAmi(image, region, { ownerOrg, family }) ?? []),
        );
      }),

    tag: (ami, tags) =>
      call(`tag ${ami.id}`, ami.region, async () => {
        await ec2In(ami.region).send(
          new sdk.CreateTagsCommand({ Resources: ids(ami), Tags: tagList(tags) }),
          aborting,
        );
      }),
    untag: (ami, keys) =>
      call(`untag ${ami.id}`, ami.region, async () => {
        const Tags = keys.map((Key) => ({ Key }));
        await ec2In(ami.region).send(new sdk.DeleteTagsCommand({ Resources: ids(ami), Tags }), aborting);
      }),

    readAccounts: (ami) =>
      call(`ask who may use ${ami.id}`, ami.region, async () => {
        const ec2 = ec2In(ami.region);
        const attribute = new sdk.DescribeImageAttributeCommand({
          ImageId: ami.id,
          Attribute: "launchPermission",
        });
        const { LaunchPermissions = [] } = await ec2.send(attribute, aborting);
        const readers = await Promise.all(
          ami.snapshotIds.map(async (SnapshotId) => {
            const input = { SnapshotId, Attribute: "createVolumePermission" } as const;
            const { CreateVolumePermissions = [] } = await ec2.send(
              new sdk.DescribeSnapshotAttributeCommand(input),
              aborting,
            );
            return new Set(CreateVolumePermissions.flatMap(({ UserId }) => UserId ?? []));
          }),
        );
        const launchableBy = LaunchPermissions.flatMap(({ UserId }) => UserId ?? []);
        const [first = new Set<string>()] = readers;
        return {
          launchableBy,
          readableBy: [...first].filter((account) => readers.every((all) => all.has(account))),
        };
      }),

    changeAccount: (ami, account, may) =>
      call(`${may ? "share" : "stop sharing"} ${ami.id} with account ${account}`, ami.region, async () => {
        const ec2 = ec2In(ami.region);
        const change = { [may ? "Add" : "Remove"]: [{ UserId: account }] };
        // Snapshots first: who may launch the AMI must be able to read its disks.
        for (const SnapshotId of ami.snapshotIds) {
          const input = {
            SnapshotId,
            Attribute: "createVolumePermission" as const,
            OperationType: may ? ("add" as const) : ("remove" as const),
            UserIds: [account],
          };
          await ec2.send(new sdk.ModifySnapshotAttributeCommand(input), aborting);
        }
        await ec2.send(
          new sdk.ModifyImageAttributeCommand({ ImageId: ami.id, LaunchPermission: change }),
          aborting,
        );
      }),

    deregister: (ami) =>
      call(`deregister ${ami.id}`, ami.region, () => deregister(sdk, ec2In(ami.region), ami, aborting)),
  };
}

/** Deregisters the AMI, then deletes its snapshots. What is gone is no error. */
export async function deregister(
  sdk: ImagesSdk,
  ec2: EC2Client,
  { id, snapshotIds }: Pick<Ami, "id" | "snapshotIds">,
  options: { readonly abortSignal: AbortSignal },
): Promise<void> {
  await ec2.send(new sdk.DeregisterImageCommand({ ImageId: id }), options).catch(unlessGone);
  for (const SnapshotId of snapshotIds)
    await ec2.send(new sdk.DeleteSnapshotCommand({ SnapshotId }), options).catch(unlessGone);
}

/** For `.catch`: what is gone is no error. */
export function unlessGone(error: unknown): void {
  if (!isAwsError(error, "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"))
    throw error;
}

const specifications = (tags: Readonly<Record<string, string>>) =>
  (["image", "snapshot"] as const).map((ResourceType) => ({ ResourceType, Tags: tagList(tags) }));

const copyInput = ({ from, name, encryption, tags }: AmiCopy) => ({
  Name: name,
  SourceImageId: from.id,
  SourceRegion: from.region,
  ...(encryption === null ? {} : { Encrypted: true, ...keyOf(encryption) }),
  TagSpecifications: specifications(tags),
});

/** The filter for what carries the org's tag. */
export const ofOrg = (org: string) => ({ Name: `tag:${TAG.ORG}`, Values: [org] });
