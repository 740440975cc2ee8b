import type { EC2Client, Image } from "@aws-sdk/client-ec2";
import pMap from "p-map";
import { IMAGE_TAG, parseImageId, taggedRegions } from "../../../agent/contract/image/names.js";
import { newestFirst } from "../../../agent/contract/image/retention.js";
import { TAG } from "../../../agent/contract/names.js";
import type { ImageCopy, ListedImage } from "../core/images.js";
import type { Images, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

const AT_ONCE = { concurrency: 8 } as const;

/** The org's images, by their tags in EC2. Makes no call, and loads nothing, until it is asked. */
export function orgImages(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Images {
  return {
    async list() {
      const sdk = await import("@aws-sdk/client-ec2");
      const inRegion = new Map<string, EC2Client>();
      const ec2In = (region: string): EC2Client => {
        const client =
          inRegion.get(region) ?? new sdk.EC2Client({ ...clientSettings(opening, version), region });
        inRegion.set(region, client);
        return client;
      };
      const aborting = { abortSignal: opening.signal };
      const inWords = <T>(
        region: string,
        doing: string,
        run: (client: EC2Client) => Promise<T>,
      ): Promise<T> =>
        callsOf(ec2In(region), "EC2", { ...opening, region }, env)(doing, () => run(ec2In(region)));

      const amisIn = (region: string): Promise<readonly Image[]> =>
        inWords(region, `list the images in ${region}`, async (client) => {
          const Filters = [
            { Name: `tag:${TAG.ORG}`, Values: [opening.org] },
            { Name: "tag-key", Values: [IMAGE_TAG.BUILD] },
          ];
          const found: Image[] = [];
          const input = { Owners: ["self"], IncludeDeprecated: true, Filters };
          for await (const { Images: page = [] } of sdk.paginateDescribeImages({ client }, input, aborting))
            found.push(...page);
          return found;
        });

      const accountsOf = (image: Image, region: string) =>
        inWords(region, `ask who may use ${image.ImageId}`, async (client) => {
          const attribute = { ImageId: image.ImageId, Attribute: "launchPermission" } as const;
          const { LaunchPermissions = [] } = await client.send(
            new sdk.DescribeImageAttributeCommand(attribute),
            aborting,
          );
          const readers = await pMap(snapshotsOf(image), async (SnapshotId) => {
            const asked = { SnapshotId, Attribute: "createVolumePermission" } as const;
            const { CreateVolumePermissions = [] } = await client.send(
              new sdk.DescribeSnapshotAttributeCommand(asked),
              aborting,
            );
            return CreateVolumePermissions.flatMap(({ UserId }) => UserId ?? []);
          });
          const [first = []] = readers;
          return {
            launchableBy: LaunchPermissions.flatMap(({ UserId }) => UserId ?? []),
            readableBy: first.filter((account) => readers.every((all) => all.includes(account))),
          };
        });

      async function copyIn(region: string, image: Image | undefined): Promise<ImageCopy> {
        if (image === undefined) return { region, ami: null };
        const state = image.State ?? "available";
        const accounts =
          state === "available" ? await accountsOf(image, region) : { launchableBy: [], readableBy: [] };
        const ami = {
          id: image.ImageId ?? "",
          state,
          stateReason: image.StateReason?.Message ?? null,
          ...accounts,
        };
        return { region, ami };
      }

      const home = await amisIn(opening.region);
      const others = [...new Set(home.flatMap((image) => taggedRegions(tagsOf(image))))].filter(
        (region) => region !== opening.region,
      );
      const elsewhere = new Map(
        await pMap(others, async (region) => [region, await amisIn(region)] as const, AT_ONCE),
      );
      const listed = await pMap(
        home,
        async (image) => {
          const id = tagsOf(image)[IMAGE_TAG.BUILD] ?? "";
          const regions = taggedRegions(tagsOf(image)).filter((region) => region !== opening.region);
          const copies = regions.map((region) =>
            copyIn(
              region,
              elsewhere.get(region)?.find((other) => tagsOf(other)[IMAGE_TAG.BUILD] === id),
            ),
          );
          return listedImage(image, await Promise.all([copyIn(opening.region, image), ...copies]));
        },
        AT_ONCE,
      );
      return listed.sort((a, b) => a.family.localeCompare(b.family) || newestFirst(a, b));
    },
  };
}

function listedImage(image: Image, copies: readonly ImageCopy[]): ListedImage {
  const tags = tagsOf(image);
  const id = tags[IMAGE_TAG.BUILD] ?? "";
  const name = parseImageId(id);
  return {
    id,
    family: name?.family ?? "",
    version: name?.version ?? "0",
    createdAt: image.CreationDate ?? "",
    isRelease: tags[IMAGE_TAG.RELEASE] !== undefined,
    isReplaced: tags[IMAGE_TAG.REPLACED] !== undefined,
    isWhole: tags[TAG.IMAGE] !== undefined,
    copies,
  };
}

const tagsOf = ({ Tags = [] }: Pick<Image, "Tags">): Readonly<Record<string, string>> =>
  Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));

const snapshotsOf = ({ BlockDeviceMappings = [] }: Image): readonly string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
