import { describe, expect, test } from "@jest/globals";
import type { PreflightAsk } from "../../../../../agent/contract/preflight/ask.js";
import type { CallName, MakeCall } from "../../../../../agent/contract/preflight/calls.js";
import { checkPreflight } from "../../../../../agent/contract/preflight/check.js";
import { rightsAsked } from "../../../../../agent/contract/preflight/check-rights.js";
import { observePreflight } from "../../../../../agent/contract/preflight/observe.js";
import { policySourceOf } from "../../../../../agent/contract/preflight/observe-rights.js";
import { vcpuQuotaOf } from "../../../../../agent/contract/preflight/quotas.js";
import { PREFLIGHT_CHECKS } from "../../../../../agent/contract/preflight-checks.js";
import { clusterAsk, preflightAsk } from "../../../../support/preflight.js";

const awsError = (name: string, status: number): Error =>
  Object.assign(new Error(`it is ${name}`), { name, $metadata: { httpStatusCode: status } });

/** Of the errors that have another status than 400; 0: there was no answer. */
const STATUS: Readonly<Record<string, number>> = {
  DryRunOperation: 412,
  RequestLimitExceeded: 503,
  TimeoutError: 0,
};
const ORG_TAG = { Key: "muster:org", Value: "demo" };
const SERVICE_ROLE =
  "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
const ALLOWED = JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { AWS: SERVICE_ROLE } }] });
const FOR_ACCOUNT = JSON.stringify({
  Statement: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::1:root" } }],
});

/** An account that has everything; a text in place of an answer is the error of that name. */
const ANSWERS: Readonly<Record<CallName, unknown>> = {
  "ec2:DescribeInstanceTypes": {
    InstanceTypes: [
      {
        InstanceType: "c5.xlarge",
        VCpuInfo: { DefaultVCpus: 4 },
        ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
        PlacementGroupInfo: { SupportedStrategies: ["cluster"] },
      },
    ],
  },
  "ec2:DescribeInstanceTypeOfferings": {
    InstanceTypeOfferings: ["a", "b"].map((zone) => ({
      InstanceType: "c5.xlarge",
      Location: `us-east-1${zone}`,
    })),
  },
  "ec2:DescribeInstances": { Reservations: [{ Instances: [{ InstanceType: "c5.xlarge" }] }] },
  "ec2:DescribeAddresses": { Addresses: [{ Tags: [ORG_TAG] }] },
  "ec2:DescribeVpcs": { Vpcs: [{ Tags: [ORG_TAG] }, {}] },
  "ec2:DescribeSubnets": {
    Subnets: [1, 2].map((zone) => ({
      SubnetId: `subnet-${zone}`,
      AvailabilityZone: zone === 1 ? "us-east-1a" : "us-east-1b",
      AvailableIpAddressCount: 1000,
      Tags: [{ Key: "Name", Value: `muster-demo-private-${zone}` }],
    })),
  },
  "ec2:DescribeAvailabilityZones": {
    AvailabilityZones: [{ ZoneName: "us-east-1a" }, { ZoneName: "us-east-1b" }],
  },
  "ec2:DescribeImages": {
    Images: ["2025", "2026"].map((year) => ({
      ImageId: `ami-${year}`,
      CreationDate: `${year}-01-01T00:00:00.000Z`,
      Architecture: "x86_64",
      State: "available",
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 8, SnapshotId: `snap-${year}`, Encrypted: true } },
      ],
      Tags: [{ Key: "muster:image", Value: "mpi" }],
    })),
  },
  "ec2:DescribeSnapshots": { Snapshots: [{ SnapshotId: "snap-2026", KmsKeyId: "key-2026" }] },
  "ec2:GetEbsDefaultKmsKeyId": { KmsKeyId: "alias/aws/ebs" },
  "ec2:RunInstances": "DryRunOperation",
  "servicequotas:GetServiceQuota": { Quota: { Value: 10_000 } },
  "servicequotas:GetAWSDefaultServiceQuota": { Quota: { Value: 5 } },
  "kms:DescribeKey": { KeyMetadata: { Arn: "key-2026", KeyManager: "CUSTOMER", Enabled: true } },
  "kms:GetKeyPolicy": { Policy: ALLOWED },
  "kms:ListGrants": { Grants: [] },
  "iam:SimulatePrincipalPolicy": {
    EvaluationResults: [{ EvalActionName: "ec2:RunInstances", EvalDecision: "allowed" }],
  },
};

const NOW = new Date("2026-11-27T00:00:00.000Z");

/** What is asked, in order, and what is found. */
async function look(ask: PreflightAsk, changed: Partial<Record<CallName, unknown>> = {}) {
  const calls: { readonly name: CallName; readonly input: unknown }[] = [];
  const make: MakeCall = async (name, input) => {
    calls.push({ name, input });
    const answer = { ...ANSWERS, ...changed }[name];
    if (typeof answer === "string") throw awsError(answer, STATUS[answer] ?? 400);
    return answer as never;
  };
  const caller = async () => "arn:aws:sts::123456789012:assumed-role/deploy/ci";
  const findings = checkPreflight(ask, await observePreflight(ask, make, caller, NOW));
  return { calls, findings };
}

const twenty = preflightAsk({
  network: { zones: null },
  clusters: Array.from({ length: 20 }, (_none, index) =>
    clusterAsk({
      name: `cluster-${index}`,
      image: { family: "mpi" },
      place: { tier: "private", zones: [index % 2 === 0 ? 1 : 2] },
    }),
  ),
});

describe("an org of 20 clusters", () => {
  test("finds nothing in an account that has everything", async () => {
    expect((await look(twenty)).findings).toEqual([]);
  });

  test("costs each list once, and a dry run for each distinct type, subnet and image", async () => {
    const { calls } = await look(twenty);
    const counts = new Map<string, number>();
    for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      // The second is of what runs.
      "ec2:DescribeInstanceTypes": 2,
      // vCPUs, addresses, VPCs.
      "servicequotas:GetServiceQuota": 3,
      "ec2:RunInstances": 2,
      ...Object.fromEntries(
        [
          "InstanceTypeOfferings",
          "Instances",
          "Addresses",
          "Vpcs",
          "Subnets",
          "AvailabilityZones",
          "Images",
        ].map((list) => [`ec2:Describe${list}`, 1]),
      ),
      ...{ "ec2:DescribeSnapshots": 1, "kms:DescribeKey": 1, "kms:GetKeyPolicy": 1, "kms:ListGrants": 1 },
      "iam:SimulatePrincipalPolicy": rightsAsked(twenty, "123456789012").length,
    });
    const tried = calls.filter(({ name }) => name === "ec2:RunInstances").map(({ input }) => input);
    expect(tried).toEqual(
      ["subnet-1", "subnet-2"].map((SubnetId) => ({
        ...{
          DryRun: true,
          MinCount: 1,
          MaxCount: 1,
          InstanceType: "c5.xlarge",
          SubnetId,
          ImageId: "ami-2026",
        },
      })),
    );
  });

  test("asks for rights on the org's own resources, as the role's policies have them, however many clusters there are", async () => {
    const { calls } = await look(twenty);
    const simulated = calls.filter(({ name }) => name === "iam:SimulatePrincipalPolicy");
    // AWS bounds how many of them an account may make a second.
    expect(simulated.length).toBeLessThanOrEqual(20);
    const inputs = simulated.map(({ input }) => input as { ActionNames: string[]; ResourceArns?: string[] });
    const roles = inputs.find(({ ActionNames }) => ActionNames.includes("iam:CreateRole"));
    expect(roles?.ResourceArns).toEqual([`arn:aws:iam::123456789012:role/muster/${twenty.org}/muster`]);
    const groups = inputs.find(({ ActionNames }) =>
      ActionNames.includes("autoscaling:CreateAutoScalingGroup"),
    );
    expect(groups).toMatchObject({
      PolicySourceArn: "arn:aws:iam::123456789012:role/deploy",
      ContextEntries: [{ ContextKeyName: "aws:RequestTag/muster:org", ContextKeyValues: [twenty.org] }],
    });
  });

  test("has one finding for each missing right, which names it, and no problem", async () => {
    const denied = Object.fromEntries(Object.keys(ANSWERS).map((name) => [name, "UnauthorizedOperation"]));
    const { findings } = await look(twenty, denied);
    expect(new Set(findings.map(({ is }) => is))).toEqual(new Set(["unchecked"]));
    expect(findings.map(({ next }) => next)).toContain(
      'Allow ec2:DescribeSubnets to the credentials, or skip the check "subnet".',
    );
  });

  test.each(PREFLIGHT_CHECKS)("makes no call that only the skipped check %s needs", async (check) => {
    const all = (await look(twenty)).calls.length;
    const less = (await look({ ...twenty, skip: [check] })).calls.length;
    // What efa and placement ask for, other checks need too.
    const shared = ["efa", "placement", "root-volume", "image", "subnet"].includes(check);
    expect(all - less > 0).toBe(!shared);
  });

  test("makes no call at all where all is skipped", async () => {
    expect((await look({ ...twenty, skip: PREFLIGHT_CHECKS })).calls).toEqual([]);
  });
});

describe("an answer", () => {
  const small = { ...twenty, clusters: twenty.clusters.slice(0, 1) };

  test.each([
    ["Unsupported", "problem", /^Unsupported/],
    ["UnauthorizedOperation", "problem", /^UnauthorizedOperation/],
    ["VcpuLimitExceeded", "problem", /^VcpuLimitExceeded/],
    ["RequestLimitExceeded", "unchecked", /RequestLimitExceeded/],
    ["TimeoutError", "unchecked", /no answer in time/],
  ])("%s to the dry run is a %s, and is asked for once", async (name, is, there) => {
    const { calls, findings } = await look(small, { "ec2:RunInstances": name });
    expect(findings).toMatchObject([{ check: "dry-run", is, there: expect.stringMatching(there) }]);
    expect(calls.filter((call) => call.name === "ec2:RunInstances")).toHaveLength(1);
  });

  test.each([
    [
      "a grant for the service-linked role",
      { "kms:ListGrants": { Grants: [{ GranteePrincipal: SERVICE_ROLE }] } },
      [],
    ],
    ["neither policy nor grant", {}, ["key problem"]],
    ["no right to read grants", { "kms:ListGrants": "AccessDeniedException" }, ["key unchecked"]],
    ["a key of AWS's", { "kms:DescribeKey": { KeyMetadata: { KeyManager: "AWS" } } }, []],
    ["a snapshot of another account", { "ec2:DescribeSnapshots": { Snapshots: [] } }, ["key unchecked"]],
  ])("about the image's key: %s", async (_name, changed, expected) => {
    const { findings } = await look(small, { "kms:GetKeyPolicy": { Policy: FOR_ACCOUNT }, ...changed });
    expect(findings.map(({ check, is }) => `${check} ${is}`)).toEqual(expected);
  });

  test("that an image is deprecated is a warning about the one that is named, which is found all the same", async () => {
    const image = { ImageId: "ami-1", State: "available", Architecture: "x86_64" };
    const Images = [{ ...image, DeprecationTime: "2026-11-01T00:00:00.000Z" }];
    const skip = PREFLIGHT_CHECKS.filter((check) => check !== "image");
    const { calls, findings } = await look(preflightAsk({ skip }), { "ec2:DescribeImages": { Images } });
    expect(calls[0]?.input).toMatchObject({ IncludeDeprecated: true });
    expect(findings).toMatchObject([
      { is: "warning", there: "its owner deprecates ami-1 as of 2026-11-01T00:00:00.000Z" },
    ]);
  });

  test("that a quota was never changed leads to AWS's default", async () => {
    const { findings } = await look(small, { "servicequotas:GetServiceQuota": "NoSuchResourceException" });
    expect(findings).toMatchObject([{ check: "vcpus", there: expect.stringMatching(/^1 of 5 vCPUs/) }]);
  });

  test("that a quota may not be read is no word of AWS's default", async () => {
    const { findings } = await look(small, { "servicequotas:GetServiceQuota": "AccessDeniedException" });
    expect(findings).toMatchObject([{ check: "vcpus", is: "unchecked" }]);
  });

  test.each(["ec2:DescribeImages", "ec2:DescribeSubnets"] as const)(
    "that is missing for %s leaves no dry run to be tried",
    async (name) => {
      const { calls, findings } = await look(small, { [name]: "UnauthorizedOperation" });
      expect(calls.map((call) => call.name)).not.toContain("ec2:RunInstances");
      expect(findings).toContainEqual(expect.objectContaining({ check: "dry-run", is: "unchecked" }));
    },
  );

  test("that refuses the credentials ends it: every other call would be refused too", async () => {
    await expect(look(small, { "ec2:DescribeVpcs": "AuthFailure" })).rejects.toThrow("it is AuthFailure");
  });

  test("has all its pages read", async () => {
    const pages = { Reservations: [{ Instances: [{ InstanceType: "c5.xlarge" }] }] };
    const tokens: (string | undefined)[] = [];
    const make: MakeCall = async (name, input) => {
      if (name !== "ec2:DescribeInstances") return ANSWERS[name] as never;
      tokens.push((input as { NextToken?: string }).NextToken);
      return { ...pages, ...(tokens.length < 3 ? { NextToken: `page ${tokens.length + 1}` } : {}) } as never;
    };
    const facts = await observePreflight(
      { ...small, skip: PREFLIGHT_CHECKS.filter((check) => check !== "vcpus") },
      make,
      async () => null,
      NOW,
    );
    expect("value" in facts.running && facts.running.value).toHaveLength(3);
    expect(tokens).toEqual([undefined, "page 2", "page 3"]);
  });

  test("without an end fails after twenty pages", async () => {
    const skip = PREFLIGHT_CHECKS.filter((check) => check !== "vcpus");
    const endless = { Reservations: [], NextToken: "t" };
    const { calls, findings } = await look({ ...small, skip }, { "ec2:DescribeInstances": endless });
    expect(calls.filter(({ name }) => name === "ec2:DescribeInstances")).toHaveLength(20);
    expect(findings).toMatchObject([
      { is: "unchecked", there: expect.stringContaining("more than 20 pages") },
    ]);
  });
});

describe("only what is declared is asked about", () => {
  const OF_NODES = [
    ...["Images", "Subnets", "InstanceTypes", "InstanceTypeOfferings", "Instances", "Snapshots"].map(
      (list) => `ec2:Describe${list}`,
    ),
    ...["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "ec2:RunInstances", "L-1216C47A"],
  ];
  const cluster = clusterAsk({ image: { family: "mpi" } });
  const place = { subnetIds: ["subnet-1"] };
  const builder = { family: "sim", instanceType: "g6.xlarge", baseAmi: null, place };
  const network = { network: { zones: null }, clusters: [] };

  test.each<[string, Partial<PreflightAsk>, readonly string[]]>([
    ["a cluster on a network that is there", { clusters: [cluster] }, OF_NODES],
    [
      "a cluster, and the builder of an image",
      { clusters: [cluster], builders: [builder] },
      [...OF_NODES, "L-DB2E81BA"],
    ],
    ["a network alone", network, ["ec2:DescribeAddresses", "ec2:DescribeVpcs", "L-0263D0A3", "L-F678F1CE"]],
    [
      "a network, but for its addresses",
      { ...network, skip: ["elastic-ips"] },
      ["ec2:DescribeVpcs", "L-F678F1CE"],
    ],
    ["a network, but for its VPC", { ...network, skip: ["vpcs"] }, ["ec2:DescribeAddresses", "L-0263D0A3"]],
  ])("%s", async (_name, ask, expected) => {
    const { calls } = await look(preflightAsk(ask));
    const asked = calls.map(({ name, input }) =>
      name === "servicequotas:GetServiceQuota" ? (input as { QuotaCode: string }).QuotaCode : name,
    );
    expect([...new Set(asked)].sort()).toEqual([...expected, "iam:SimulatePrincipalPolicy"].sort());
  });
});

describe("the builder of an image", () => {
  const builder = (baseAmi: string | null) => ({
    ...{ family: "mpi", instanceType: "g6.xlarge", baseAmi, place: { subnetIds: ["subnet-1"] } },
  });

  test.each([
    ["that is named is looked up", "ami-1", [{ Name: "image-id", Values: ["ami-1"] }]],
    ["that is the newest of Debian's is not", null, undefined],
  ])("needs its type's quota, and a base %s", async (_name, baseAmi, filters) => {
    const { calls } = await look(preflightAsk({ clusters: [], builders: [builder(baseAmi)] }));
    const inputs = (name: CallName) => calls.filter((call) => call.name === name).map(({ input }) => input);
    expect(inputs("servicequotas:GetServiceQuota")).toEqual([
      { ServiceCode: "ec2", QuotaCode: "L-DB2E81BA" },
    ]);
    expect(inputs("ec2:DescribeImages").map((input) => (input as { Filters: unknown }).Filters)[0]).toEqual(
      filters,
    );
  });
});

test("the keys of encrypted images are looked up by their snapshots, each once", async () => {
  const { calls } = await look({ ...twenty, clusters: twenty.clusters.slice(0, 2) });
  expect(calls.filter(({ name }) => name === "ec2:DescribeSnapshots").map(({ input }) => input)).toEqual([
    { Filters: [{ Name: "snapshot-id", Values: ["snap-2026"] }] },
  ]);
});

test.each([
  ["AWS's own, where the account names none", {}, []],
  ["one of the account's", { KmsKeyId: "key-2026" }, ["key-2026"]],
])("what encrypts the disks of an image that is not encrypted is %s", async (_name, answer, keys) => {
  const images = (ANSWERS["ec2:DescribeImages"] as { Images: object[] }).Images;
  const Images = images.map((image) => ({ ...image, BlockDeviceMappings: [] }));
  const ask = { ...twenty, clusters: twenty.clusters.slice(0, 1) };
  const { calls } = await look(ask, {
    "ec2:DescribeImages": { Images },
    "ec2:GetEbsDefaultKmsKeyId": answer,
  });
  expect(calls.filter(({ name }) => name === "kms:DescribeKey").map(({ input }) => input)).toEqual(
    keys.map((KeyId) => ({ KeyId })),
  );
});

test.each([
  ["arn:aws:sts::123456789012:assumed-role/deploy/ci", "arn:aws:iam::123456789012:role/deploy"],
  ["arn:aws-cn:iam::123456789012:user/ada", "arn:aws-cn:iam::123456789012:user/ada"],
  ["arn:aws:iam::123456789012:root", null],
  ["arn:aws:sts::123456789012:federated-user/ada", null],
])("the rights of %s are those of %s", (caller, source) => {
  expect(policySourceOf(caller)).toBe(source);
});

test.each([
  ["c5.xlarge", false, "L-1216C47A"],
  ["m7i.large", true, "L-34B43A08"],
  ["hpc7a.96xlarge", false, "L-F7808C92"],
  ["hpc7a.96xlarge", true, undefined],
  ["inf2.xlarge", false, "L-1945791B"],
  ["im4gn.large", false, "L-1216C47A"],
  ["is4gen.large", false, "L-1216C47A"],
  ["gr6.4xlarge", false, "L-DB2E81BA"],
  ["trn1.2xlarge", false, "L-2C3B7624"],
  ["dl1.24xlarge", true, "L-85EED4F7"],
  ["d3.xlarge", false, "L-1216C47A"],
  ["vt1.3xlarge", false, "L-DB2E81BA"],
  ["u7i-12tb.224xlarge", false, "L-43DA4232"],
  ["x2idn.32xlarge", false, "L-7295265B"],
  ["p5.48xlarge", true, "L-7212CCBC"],
])("the quota of %s (spot: %s) is %s", (type, spot, code) => {
  expect(vcpuQuotaOf(type, spot)?.code).toBe(code);
});
