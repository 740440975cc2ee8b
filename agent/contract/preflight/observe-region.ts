import { IMAGE_TAG } from "../image/names.js";
import { TAG } from "../names.js";
import { listAll } from "./answers.js";
import type { MakeCall } from "./calls.js";
import type { CountFacts, ImageFacts, Offering, RunningFacts, SubnetFacts, TypeFacts } from "./facts.js";

/** What EC2 says of a region. Each function is one list, whatever the number of clusters. They throw CallFailure. */

const among = (Name: string, values: readonly string[]) => ({ Filters: [{ Name, Values: [...values] }] });

type Tags = readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
const tagOf = (tags: Tags, key: string): string | null => tags?.find(({ Key }) => Key === key)?.Value ?? null;

/** The types of these names that there are: by filter, as one unknown name in a plain list refuses all. */
export async function observeTypes(call: MakeCall, names: readonly string[]): Promise<readonly TypeFacts[]> {
  const input = among("instance-type", names);
  const infos = await listAll(call, "ec2:DescribeInstanceTypes", input, (page) => page.InstanceTypes);
  return infos.map((info) => ({
    name: info.InstanceType ?? "",
    vcpus: info.VCpuInfo?.DefaultVCpus ?? 0,
    efa: info.NetworkInfo?.EfaSupported ?? false,
    architectures: [...(info.ProcessorInfo?.SupportedArchitectures ?? [])],
    placements: info.PlacementGroupInfo?.SupportedStrategies ?? null,
  }));
}

/** In which zones these types are offered. */
export async function observeOfferings(
  call: MakeCall,
  names: readonly string[],
): Promise<readonly Offering[]> {
  const input = { LocationType: "availability-zone" as const, ...among("instance-type", names) };
  const offered = await listAll(
    call,
    "ec2:DescribeInstanceTypeOfferings",
    input,
    (page) => page.InstanceTypeOfferings,
  );
  return offered.map(({ InstanceType = "", Location = "" }) => ({ type: InstanceType, zone: Location }));
}

/**
 * The account's instances that count against its quotas, with their types' vCPUs: those that an instance has switched off count
 * too.
 */
export async function observeRunning(call: MakeCall): Promise<readonly RunningFacts[]> {
  const input = { MaxResults: 1000, ...among("instance-state-name", ["pending", "running"]) };
  const all = await listAll(call, "ec2:DescribeInstances", input, (page) =>
    page.Reservations?.flatMap(({ Instances = [] }) => Instances),
  );
  if (all.length === 0) return [];
  const types = await observeTypes(call, [...new Set(all.map(({ InstanceType = "" }) => InstanceType))]);
  const vcpusOf = new Map(types.map(({ name, vcpus }) => [name, vcpus]));
  return all.map(({ InstanceType = "", InstanceLifecycle, SubnetId, Tags }) => ({
    type: InstanceType,
    vcpus: vcpusOf.get(InstanceType) ?? 0,
    spot: InstanceLifecycle === "spot",
    subnetId: SubnetId ?? null,
    org: tagOf(Tags, TAG.ORG),
    cluster: tagOf(Tags, TAG.CLUSTER_NAME),
  }));
}

const countOf = (all: readonly { Tags?: Tags }[], org: string): CountFacts => ({
  count: all.length,
  ofOrg: all.filter(({ Tags }) => tagOf(Tags, TAG.ORG) === org).length,
});

/** The region's public addresses. */
export const observeAddresses = async (call: MakeCall, org: string): Promise<CountFacts> =>
  countOf((await call("ec2:DescribeAddresses", {})).Addresses ?? [], org);

/** The region's VPCs. */
export const observeVpcs = async (call: MakeCall, org: string): Promise<CountFacts> =>
  countOf(await listAll(call, "ec2:DescribeVpcs", {}, (page) => page.Vpcs), org);

/** Those of the org's network, and those with one of the ids. */
export async function observeSubnets(
  call: MakeCall,
  org: string | null,
  ids: readonly string[],
): Promise<readonly SubnetFacts[]> {
  const filters = [
    ...(org === null ? [] : [among(`tag:${TAG.ORG}`, [org])]),
    ...(ids.length === 0 ? [] : [among("subnet-id", ids)]),
  ];
  const lists = await Promise.all(
    filters.map((input) => listAll(call, "ec2:DescribeSubnets", input, (page) => page.Subnets)),
  );
  const facts = lists.flat().map(({ SubnetId, AvailabilityZone, AvailableIpAddressCount, Tags }) => ({
    id: SubnetId ?? "",
    name: tagOf(Tags, "Name"),
    zone: AvailabilityZone ?? "",
    free: AvailableIpAddressCount ?? 0,
  }));
  return [...new Map(facts.map((subnet) => [subnet.id, subnet])).values()];
}

/** The zones in the order in which an org's network takes the first two: no local and wavelength zones. */
export async function observeZones(call: MakeCall): Promise<readonly string[]> {
  const input = {
    Filters: [
      { Name: "opt-in-status", Values: ["opt-in-not-required"] },
      { Name: "state", Values: ["available"] },
    ],
  };
  const { AvailabilityZones = [] } = await call("ec2:DescribeAvailabilityZones", input);
  return AvailabilityZones.map(({ ZoneName = "" }) => ZoneName).toSorted();
}

/** The images of these ids, of any owner, and the account's own of these families. */
export async function observeImages(
  call: MakeCall,
  ids: readonly string[],
  families: readonly string[],
): Promise<readonly ImageFacts[]> {
  const inputs = [
    // By a filter, EC2 hides what is deprecated, of others; one that is named is to be found all the same.
    ...(ids.length === 0 ? [] : [{ ...among("image-id", ids), IncludeDeprecated: true }]),
    ...(families.length === 0 ? [] : [{ Owners: ["self"], ...among(`tag:${TAG.IMAGE}`, families) }]),
  ];
  const lists = await Promise.all(
    inputs.map((input) => listAll(call, "ec2:DescribeImages", input, (page) => page.Images)),
  );
  return lists.flat().map((image) => {
    const root = image.BlockDeviceMappings?.find(
      ({ DeviceName }) => DeviceName === image.RootDeviceName,
    )?.Ebs;
    return {
      id: image.ImageId ?? "",
      family: tagOf(image.Tags, TAG.IMAGE),
      state: image.State ?? "available",
      architecture: image.Architecture ?? null,
      createdAt: image.CreationDate ?? "",
      rootGiB: root?.VolumeSize ?? null,
      snapshotId: root?.SnapshotId ?? null,
      isEncrypted: root?.Encrypted ?? false,
      deprecatedAt: image.DeprecationTime ?? null,
      isReplaced: tagOf(image.Tags, IMAGE_TAG.REPLACED) !== null,
    };
  });
}
