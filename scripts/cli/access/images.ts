import type { EC2Client, Image } from "@aws-sdk/client-ec2";
import pMap, { pMapIterable } from "p-map";
import { IMAGE_TAG, parseImageId, taggedRegions } from "../../../agent/contract/image/names.js";
import { newestFirst } from "../../../agent/contract/image/retention.js";
import { TAG } from "../../../agent/contract/names.js";
import { byText } from "../../../agent/contract/text-order.js";
import type { ImageCopy, ListedImage } from "../core/images.js";
import type { Images, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

const AT_ONCE = { concurrency: 8 } as const;

/** What is kept of an AMI until its turn: its place in the list, and what finds the rest. */
interface Ami extends Omit<ListedImage, "copies"> {
  readonly amiId: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly regions: readonly string[];
  readonly snapshots: readonly string[];
}

/** The org's images, by their tags in EC2. Makes no call, and loads nothing, until it is asked. */
export function orgImages(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Images {
  return {
    async list() {
      const sdk = await import("@aws-sdk/client-ec2");
      const inRegion = new Map<
        string,
        { readonly client: EC2Client; readonly call: ReturnType<typeof callsOf> }
      >();
      const ec2In = (region: string) => {
        const known = inRegion.get(region);
        if (known !== undefined) return known;
        const client = new sdk.EC2Client({ ...clientSettings(opening, version), region });
        const opened = { client, call: callsOf(client, "EC2", { ...opening, region }, env) };
        inRegion.set(region, opened);
        return opened;
      };
      const aborting = { abortSignal: opening.signal };
      const inWords = <T>(
        region: string,
        doing: string,
        run: (client: EC2Client) => Promise<T>,
      ): Promise<T> => {
        const { client, call } = ec2In(region);
        return call(doing, () => run(client));
      };

      const amisIn = (region: string): Promise<readonly Ami[]> =>
        inWords(region, `list the images in ${region}`, async (client) => {
          const Filters = [
            { Name: `tag:${TAG.ORG}`, Values: [opening.org] },
            { Name: "tag-key", Values: [IMAGE_TAG.BUILD] },
          ];
          const found: Ami[] = [];
          const input = { Owners: ["self"], IncludeDeprecated: true, Filters };
          for await (const { Images: page = [] } of sdk.paginateDescribeImages({ client }, input, aborting))
            found.push(...page.map(amiOf));
          return found;
        });

      const accountsOf = ({ amiId, snapshots }: Ami, region: string) =>
        inWords(region, `ask who may use ${amiId}`, async (client) => {
          const attribute = { ImageId: amiId, Attribute: "launchPermission" } as const;
          const { LaunchPermissions = [] } = await client.send(
            new sdk.DescribeImageAttributeCommand(attribute),
            aborting,
          );
          const readers = await pMap(snapshots, async (SnapshotId) => {
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

      async function copyIn(region: string, ami: Ami | undefined): Promise<ImageCopy> {
        if (ami === undefined) return { region, ami: null };
        const { amiId: id, state, stateReason } = ami;
        const accounts =
          state === "available" ? await accountsOf(ami, region) : { launchableBy: [], readableBy: [] };
        return { region, ami: { id, state, stateReason, ...accounts } };
      }

      const home = await amisIn(opening.region);
      const others = [...new Set(home.flatMap(({ regions }) => regions))].filter(
        (region) => region !== opening.region,
      );
      const elsewhere = new Map(
        await pMap(
          others,
          async (region) => [region, new Map((await amisIn(region)).map((ami) => [ami.id, ami]))] as const,
          AT_ONCE,
        ),
      );
      const sorted = home.toSorted((a, b) => byText(a.family, b.family) || newestFirst(a, b));
      return pMapIterable(
        sorted,
        async (image): Promise<ListedImage> => {
          const regions = image.regions.filter((region) => region !== opening.region);
          const copies = await Promise.all([
            copyIn(opening.region, image),
            ...regions.map((region) => copyIn(region, elsewhere.get(region)?.get(image.id))),
          ]);
          const { id, family, version: its, createdAt, isRelease, isReplaced, isWhole } = image;
          return { id, family, version: its, createdAt, isRelease, isReplaced, isWhole, copies };
        },
        AT_ONCE,
      );
    },
  };
}

function amiOf(image: Image): Ami {
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
    amiId: image.ImageId ?? "",
    state: image.State ?? "available",
    stateReason: image.StateReason?.Message ?? null,
    regions: taggedRegions(tags),
    snapshots: snapshotsOf(image),
  };
}

const tagsOf = ({ Tags = [] }: Pick<Image, "Tags">): Readonly<Record<string, string>> =>
  Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));

const snapshotsOf = ({ BlockDeviceMappings = [] }: Image): readonly string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
