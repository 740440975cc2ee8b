import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateCommand,
  CreatePlacementGroupCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeletePlacementGroupCommand,
  DescribePlacementGroupsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateFileSystemCommand, EFSClient } from "@aws-sdk/client-efs";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

let emulator: TestEmulator;
let ec2: EC2Client;
let autoScaling: AutoScalingClient;
let s3: S3Client;
beforeAll(async () => {
  emulator = await startEmulator();
  ec2 = new EC2Client(emulator.client);
  autoScaling = new AutoScalingClient(emulator.client);
  s3 = new S3Client({ ...emulator.client, forcePathStyle: true });
});
afterEach(() => emulator.clearFaults());
afterAll(() => emulator?.stop());

test("a security group's rule about a group keeps its description", async () => {
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: "described", Description: "described" }),
  );
  const Description = "From the nodes, <all> & more";
  const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId, Description }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const Filters = [{ Name: "group-id", Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  const ingress = SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
  expect(ingress.map((rule) => rule.Description)).toEqual([Description]);
});

describe("placement groups", () => {
  test("are created, found by name, id and tag, tagged again, and deleted", async () => {
    const tags = [{ Key: "muster:org", Value: "a & b" }];
    const { PlacementGroup } = await ec2.send(
      new CreatePlacementGroupCommand({
        GroupName: "pg",
        Strategy: "cluster",
        TagSpecifications: [{ ResourceType: "placement-group", Tags: tags }],
      }),
    );
    const id = PlacementGroup?.GroupId ?? "";
    expect(PlacementGroup).toMatchObject({ GroupName: "pg", State: "available", Tags: tags });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    const both = [id, Vpcs?.[0]?.VpcId ?? ""];
    await ec2.send(new CreateTagsCommand({ Resources: both, Tags: [{ Key: "more", Value: "1" }] }));
    const tagged = await ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: "tag:more", Values: ["1"] }] }),
    );
    expect(tagged.Vpcs).toHaveLength(1);
    for (const by of [
      { GroupNames: ["pg"] },
      { GroupIds: [id] },
      { Filters: [{ Name: "tag:muster:org", Values: ["a & b"] }] },
    ]) {
      const { PlacementGroups } = await ec2.send(new DescribePlacementGroupsCommand(by));
      expect(PlacementGroups).toMatchObject([{ GroupId: id, Tags: [...tags, { Key: "more", Value: "1" }] }]);
    }
    await ec2.send(new DeletePlacementGroupCommand({ GroupName: "pg" }));
    await expect(ec2.send(new DescribePlacementGroupsCommand({ GroupNames: ["pg"] }))).rejects.toThrow(
      expect.objectContaining({ name: "InvalidPlacementGroup.Unknown" }),
    );
    expect((await ec2.send(new DescribePlacementGroupsCommand({}))).PlacementGroups).toEqual([]);
  });

  test("fails to create the same one twice", async () => {
    const twice = () => ec2.send(new CreatePlacementGroupCommand({ GroupName: "twice" }));
    await twice();
    await expect(twice()).rejects.toThrow(
      expect.objectContaining({ name: "InvalidPlacementGroup.Duplicate" }),
    );
  });
});

describe("buckets", () => {
  const denyWithoutTls = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });

  test("a policy is kept and read back, does not lock the bucket, and goes with it", async () => {
    const Bucket = "locked";
    await s3.send(new CreateBucketCommand({ Bucket }));
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toThrow(
      expect.objectContaining({ name: "NoSuchBucketPolicy" }),
    );
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: denyWithoutTls }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "a b/c", Body: "text" }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(denyWithoutTls);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a b/c" }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toThrow(
      expect.objectContaining({ name: "NoSuchBucketPolicy" }),
    );
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  });

  test("a policy for a bucket that isn't there fails", async () => {
    const put = s3.send(new PutBucketPolicyCommand({ Bucket: "nowhere", Policy: denyWithoutTls }));
    await expect(put).rejects.toThrow(expect.objectContaining({ name: "NoSuchBucket" }));
  });

  test("a big object comes back byte for byte", async () => {
    const Bucket = "big";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const body = randomBytes(20 * 1024 * 1024);
    await s3.send(new PutObjectCommand({ Bucket, Key: "blob", Body: body }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "blob" }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
    expect(sha256(bytes)).toBe(sha256(body));
  });
});

test("the console output is the node's own log, from its end", async () => {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 }),
  );
  const InstanceId = Instances?.[0]?.InstanceId ?? "";
  const output = async (): Promise<string> => {
    const { Output } = await ec2.send(new GetConsoleOutputCommand({ InstanceId }));
    return Buffer.from(Output ?? "", "base64").toString();
  };
  expect(await output()).toBe("");
  const log = `${"x".repeat(70_000)}\nmuster-agent: failed\n`;
  await writeFile(emulator.consoleLogPath(InstanceId), log);
  expect((await output()) === log.slice(-64 * 1024)).toBe(true);
});

describe("Auto Scaling", () => {
  const AutoScalingGroupName = "fleet";
  beforeAll(async () => {
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const LaunchTemplateData = { ImageId: "ami-12c6146b", InstanceType: "c5.xlarge" } as const;
    await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "lt", LaunchTemplateData }));
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName,
        MinSize: 0,
        MaxSize: 4,
        VPCZoneIdentifier: Subnets?.[0]?.SubnetId ?? "",
        LaunchTemplate: { LaunchTemplateName: "lt", Version: "$Latest" },
      }),
    );
  });
  const setDesired = (DesiredCapacity: number) =>
    autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  async function observe() {
    const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const [group] = AutoScalingGroups ?? [];
    return { desired: group?.DesiredCapacity, instances: group?.Instances?.length ?? 0 };
  }
  async function history() {
    const { Activities } = await autoScaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName }),
    );
    return Activities ?? [];
  }

  test("the history lists launches and terminations", async () => {
    await setDesired(2);
    const launched = await history();
    expect(launched.map(({ StatusCode }) => StatusCode)).toEqual(["Successful", "Successful"]);
    expect(launched[0]?.Description).toMatch(/^Launching a new EC2 instance: i-/);
    await setDesired(0);
    expect((await history()).slice(0, 2).map(({ Description }) => Description)).toEqual([
      expect.stringMatching(/^Terminating EC2 instance: i-/),
      expect.stringMatching(/^Terminating EC2 instance: i-/),
    ]);
  });

  test("an instance that is in no group can't be ended as one, and that is said", async () => {
    const end = new TerminateInstanceInAutoScalingGroupCommand({
      ...{ InstanceId: "i-0123456789abcdef0", ShouldDecrementDesiredCapacity: false },
    });
    await expect(autoScaling.send(end)).rejects.toMatchObject({
      name: "ValidationError",
      message: "Instance Id not found - No managed instance found for instance ID: i-0123456789abcdef0",
    });
  });

  test("without capacity the group starts what it can, says why, and catches up when there is some", async () => {
    const response = { noCapacity: true, available: 1 } as const;
    await emulator.injectFault({ service: "ec2", action: "RunInstances", response });
    await setDesired(3);
    expect(await observe()).toEqual({ desired: 3, instances: 1 });
    const failure = (await history()).find(({ StatusCode }) => StatusCode === "Failed");
    expect(failure?.StatusMessage).toMatch(/do not have sufficient capacity/);
    await emulator.clearFaults();
    await waitFor({
      what: "the group to have 3 instances",
      timeoutSeconds: 60,
      look: observe,
      isDone: ({ instances }) => instances === 3,
      describe: ({ instances }) => `${instances} instances`,
    });
    expect((await observe()).desired).toBe(3);
  });

  test("a plain RunInstances fails too", async () => {
    await emulator.injectFault({ service: "ec2", action: "RunInstances", response: { noCapacity: true } });
    const run = ec2.send(new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 }));
    await expect(run).rejects.toThrow(expect.objectContaining({ name: "InsufficientInstanceCapacity" }));
  });
});

describe("injected faults", () => {
  const denied = { code: "AccessDeniedException", message: "not you", status: 400 };

  test("a JSON service's call fails as often as asked", async () => {
    const tables = new DynamoDBClient(emulator.client);
    await emulator.injectFault({ service: "dynamodb", action: "ListTables", times: 1, response: denied });
    await expect(tables.send(new ListTablesCommand({}))).rejects.toThrow(
      expect.objectContaining({ name: "AccessDeniedException", message: "not you" }),
    );
    expect((await tables.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });

  test("a REST service's call fails with its code", async () => {
    const fileSystems = new EFSClient(emulator.client);
    const rule = { service: "elasticfilesystem", action: "CreateFileSystem", response: denied };
    await emulator.injectFault(rule);
    const create = fileSystems.send(new CreateFileSystemCommand({ CreationToken: "x" }));
    await expect(create).rejects.toThrow(expect.objectContaining({ name: "AccessDeniedException" }));
  });

  test("a slow call is answered, late", async () => {
    await emulator.injectFault({
      service: "ec2",
      action: "DescribePlacementGroups",
      response: { delayMs: 300 },
    });
    const startedAtMs = Date.now();
    await ec2.send(new DescribePlacementGroupsCommand({}));
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(295);
  });
});
