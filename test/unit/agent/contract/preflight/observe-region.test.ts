import { expect, test } from "@jest/globals";
import type { MakeCall } from "../../../../../agent/contract/preflight/calls.js";
import {
  observeAddresses,
  observeImages,
  observeOfferings,
  observeRunning,
  observeSubnets,
  observeTypes,
  observeVpcs,
  observeZones,
} from "../../../../../agent/contract/preflight/observe-region.js";

/** EC2 with one answer for each call, by name; `inputs` has what was asked. */
function ec2(answers: Readonly<Record<string, object>>) {
  const inputs: unknown[] = [];
  const call: MakeCall = async (name, input) => {
    inputs.push(input);
    return (answers[name.replace("ec2:Describe", "")] ?? {}) as never;
  };
  return { call, inputs };
}
const tags = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([Key, Value]) => ({ Key, Value }));

const TYPE = {
  InstanceType: "p5.48xlarge",
  VCpuInfo: { DefaultVCpus: 192 },
  NetworkInfo: { EfaSupported: true },
  ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
  PlacementGroupInfo: { SupportedStrategies: ["cluster"] },
};

test("a type has what EC2 says of it, and what it does not say is none", async () => {
  const { call, inputs } = ec2({ InstanceTypes: { InstanceTypes: [TYPE, {}] } });
  expect(await observeTypes(call, ["p5.48xlarge"])).toEqual([
    { name: "p5.48xlarge", vcpus: 192, efa: true, architectures: ["x86_64"], placements: ["cluster"] },
    { name: "", vcpus: 0, efa: false, architectures: [], placements: null },
  ]);
  expect(inputs).toEqual([{ Filters: [{ Name: "instance-type", Values: ["p5.48xlarge"] }] }]);
  expect(await observeTypes(ec2({}).call, [])).toEqual([]);
});

test("types are offered in zones", async () => {
  const InstanceTypeOfferings = [{ InstanceType: "c5.large", Location: "us-east-1a" }, {}];
  const { call, inputs } = ec2({ InstanceTypeOfferings: { InstanceTypeOfferings } });
  expect(await observeOfferings(call, ["c5.large"])).toEqual([
    { type: "c5.large", zone: "us-east-1a" },
    { type: "", zone: "" },
  ]);
  expect(inputs).toMatchObject([{ LocationType: "availability-zone" }]);
});

test("what runs has its type's vCPUs, its place and its cluster", async () => {
  const Instances = [
    {
      ...{ InstanceType: "p5.48xlarge", InstanceLifecycle: "spot", SubnetId: "subnet-1" },
      Tags: tags({ "muster:org": "acme", "muster:cluster": "alpha", "muster:cluster-name": "alpha" }),
    },
    { InstanceType: "c5.large" },
  ];
  const { call } = ec2({
    Instances: { Reservations: [{ Instances }, {}] },
    InstanceTypes: { InstanceTypes: [TYPE] },
  });
  expect(await observeRunning(call)).toEqual([
    { type: "p5.48xlarge", vcpus: 192, spot: true, subnetId: "subnet-1", org: "acme", cluster: "alpha" },
    { type: "c5.large", vcpus: 0, spot: false, subnetId: null, org: null, cluster: null },
  ]);
});

test("where nothing runs, no type is asked about", async () => {
  const { call, inputs } = ec2({ Instances: { Reservations: [] } });
  expect(await observeRunning(call)).toEqual([]);
  expect(inputs).toHaveLength(1);
});

test("addresses and VPCs are counted, the org's own among them", async () => {
  const all = [{ Tags: tags({ "muster:org": "acme" }) }, { Tags: tags({ "muster:org": "other" }) }, {}];
  const { call } = ec2({ Addresses: { Addresses: all }, Vpcs: { Vpcs: all } });
  expect([await observeAddresses(call, "acme"), await observeVpcs(call, "acme")]).toEqual(
    Array(2).fill({ count: 3, ofOrg: 1 }),
  );
  expect(await observeAddresses(ec2({}).call, "acme")).toEqual({ count: 0, ofOrg: 0 });
});

test.each<[string | null, string[], object[]]>([
  [
    "acme",
    ["subnet-1"],
    [
      { Name: "tag:muster:org", Values: ["acme"] },
      { Name: "subnet-id", Values: ["subnet-1"] },
    ],
  ],
  [null, ["subnet-1"], [{ Name: "subnet-id", Values: ["subnet-1"] }]],
  ["acme", [], [{ Name: "tag:muster:org", Values: ["acme"] }]],
  [null, [], []],
])("subnets of the org %j and those of %j are listed once", async (org, ids, filters) => {
  const Subnets = [
    {
      ...{ SubnetId: "subnet-1", AvailabilityZone: "us-east-1a", AvailableIpAddressCount: 7 },
      Tags: tags({ Name: "muster-acme-private-1" }),
    },
    {},
  ];
  const { call, inputs } = ec2({ Subnets: { Subnets } });
  const found = await observeSubnets(call, org, ids);
  expect(inputs).toEqual(filters.map((filter) => ({ Filters: [filter] })));
  expect(found).toEqual(
    filters.length === 0
      ? []
      : [
          { id: "subnet-1", name: "muster-acme-private-1", zone: "us-east-1a", free: 7 },
          { id: "", name: null, zone: "", free: 0 },
        ],
  );
});

test("zones are sorted, as an org's network takes the first two", async () => {
  const AvailabilityZones = [{ ZoneName: "us-east-1b" }, { ZoneName: "us-east-1a" }];
  expect(await observeZones(ec2({ AvailabilityZones: { AvailabilityZones } }).call)).toEqual([
    "us-east-1a",
    "us-east-1b",
  ]);
  expect(await observeZones(ec2({}).call)).toEqual([]);
});

test("an image has what EC2 says of it and of its root disk, and what it does not say is not known", async () => {
  const disks = [
    { DeviceName: "/dev/sdb", Ebs: { VolumeSize: 1 } },
    { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 8, SnapshotId: "snap-1", Encrypted: true } },
  ];
  const image = {
    ...{
      ImageId: "ami-1",
      State: "pending",
      Architecture: "arm64",
      CreationDate: "2026",
      DeprecationTime: "2028",
    },
    ...{ RootDeviceName: "/dev/xvda", BlockDeviceMappings: disks },
    Tags: tags({ "muster:image": "mpi", "muster:image-replaced": "true" }),
  };
  const { call } = ec2({ Images: { Images: [image, {}] } });
  expect(await observeImages(call, ["ami-1"], [])).toEqual([
    {
      ...{ id: "ami-1", family: "mpi", state: "pending", architecture: "arm64", createdAt: "2026" },
      ...{ rootGiB: 8, snapshotId: "snap-1", isEncrypted: true, deprecatedAt: "2028", isReplaced: true },
    },
    {
      ...{ id: "", family: null, state: "available", architecture: null, createdAt: "" },
      ...{ rootGiB: null, snapshotId: null, isEncrypted: false, deprecatedAt: null, isReplaced: false },
    },
  ]);
});

test.each<[string[], string[], object[]]>([
  [["ami-1"], [], [{ Filters: [{ Name: "image-id", Values: ["ami-1"] }], IncludeDeprecated: true }]],
  [[], ["mpi"], [{ Owners: ["self"], Filters: [{ Name: "tag:muster:image", Values: ["mpi"] }] }]],
  [[], [], []],
])("images by the ids %j and of the families %j are asked for", async (ids, families, expected) => {
  const { call, inputs } = ec2({});
  await observeImages(call, ids, families);
  expect(inputs).toEqual(expected);
});
