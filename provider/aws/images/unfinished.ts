import { TAG } from "../../../agent/contract/names.js";
import type { Images, Unfinished } from "../../client/image-ports.js";
import { callAws } from "../errors.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { deregister, type Ec2In, unlessGone } from "./ami-calls.js";
import { amiFrom, filtersFor, isOf, tagsOf } from "./amis.js";
import { allOf, liveBuilders, terminate } from "./builders.js";

const PATIENCE_MS = 120_000;

/** See Images: it has a signal of its own, so that an interrupted bake leaves nothing either. */
export const removeUnfinished =
  (sdk: ImagesSdk, ec2In: Ec2In, scope: AwsScope): Images["removeUnfinished"] =>
  (of, regions) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const own = { ...scope, signal };
    const name = of.image ?? `of family ${of.family}`;
    return callAws({ ...own, doing: `remove what the bake of image ${name} has left` }, async () => {
      const home = ec2In(scope.region);
      const builders = await liveBuilders(sdk, home, own, of);
      await terminate(
        sdk,
        home,
        builders.map(({ id }) => id),
        { abortSignal: signal },
      );
      await Promise.all(
        [...new Set([scope.region, ...regions])].map((region) => removeAmis(sdk, ec2In, own, of, region)),
      );
    });
  };

/** Deregisters AMIs that are not whole, and deletes snapshots of such: also those that have no AMI. */
async function removeAmis(
  sdk: ImagesSdk,
  ec2In: Ec2In,
  { org, signal }: AwsScope,
  of: Unfinished,
  region: string,
): Promise<void> {
  const ec2 = ec2In(region);
  const options = { abortSignal: signal };
  const Filters = filtersFor(org, of);
  const isUnfinished = (tags: Readonly<Record<string, string>>): boolean =>
    isOf(tags, of) && (of.evenWhole === true || tags[TAG.IMAGE] === undefined);
  const images = sdk.paginateDescribeImages(
    { client: ec2 },
    { Owners: ["self"], IncludeDeprecated: true, Filters },
    options,
  );
  const amis = await allOf(images, ({ Images: found = [] }) => found.map((image) => amiFrom(image, region)));
  for (const ami of amis.filter(({ tags }) => isUnfinished(tags))) await deregister(sdk, ec2, ami, options);
  const pages = sdk.paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ["self"], Filters }, options);
  const snapshots = await allOf(pages, ({ Snapshots = [] }) => Snapshots);
  const whole = new Set(
    amis.filter(({ tags }) => !isUnfinished(tags)).flatMap(({ snapshotIds }) => snapshotIds),
  );
  for (const { SnapshotId = "", Tags } of snapshots) {
    if (!isUnfinished(tagsOf(Tags)) || whole.has(SnapshotId)) continue;
    await ec2.send(new sdk.DeleteSnapshotCommand({ SnapshotId }), options).catch(unlessGone);
  }
}
