import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateImageCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  IAMClient,
  ListPoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { observedCluster } from "../../support/agent/cluster-item.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type MadeThings, makeOneOfEach } from "../../support/one-of-each.js";
import { createOrg, openOrg } from "../../support/provider/org.js";
import { tagThings } from "../../support/tag-things.js";

let emulator: TestEmulator;
let bundle: TestBundle;
let folder: string;
beforeAll(async () => {
  [emulator, bundle] = await Promise.all([startEmulator(), buildTestBundle()]);
  folder = await mkdtemp(join(tmpdir(), "muster-orgs-"));
});
afterAll(async () => {
  await emulator?.stop();
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const muster = (args: readonly string[]) => bundle.run(args, { cwd: folder, env: emulator.env });

describe("muster init", () => {
  const ANSWERS = ["--region", "us-east-1", "--pipeline", "github", "--state-bucket", "acme-state"];

  test("fails with closed stdin, naming the options, and makes no folder", async () => {
    const { exitCode, stdout, stderr } = await muster(["init", "nowhere"]);
    expect({ exitCode, stdout: stdout.toString() }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("give --org too");
    expect(await readdir(folder)).not.toContain("nowhere");
  });

  test("refuses the name of an org that is deployed", async () => {
    await createOrg(emulator, "taken");
    await mkdir(join(folder, "second"));
    const { exitCode, stderr } = await muster(["init", "second", "--org", "taken", ...ANSWERS]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining("an org taken in us-east-1 already: table muster-taken-registry"),
    });
    expect(await readdir(join(folder, "second"))).toEqual([]);
  });
});

describe("muster cleanup without state", () => {
  const CLEAN = ["cleanup", "--org", "acme", "--region", "us-east-1", "--without-state"];
  const left = async (org: string) => {
    const { stdout } = await muster(["leftovers", "--org", org, "--region", "us-east-1", "--json"]);
    return JSON.parse(stdout.toString()) as {
      leftovers: { kind: string; id: string }[];
      pendingDeletion: unknown[];
    };
  };
  let made: MadeThings;
  beforeAll(async () => {
    await tagThings(emulator.client, "other", await makeOneOfEach(emulator.client, "other"));
    made = await makeOneOfEach(emulator.client, "acme");
    await tagThings(emulator.client, "acme", made);
    await entangle(emulator.client, "acme", made);
  });

  test("is refused while a cluster is there, with the list", async () => {
    const uuid = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
    const org = openOrg(emulator, "acme");
    await org.setCluster(uuid, observedCluster({ uuid, name: "alpha", clusterStatus: "FAILED" }));
    const before = await left("acme");
    const { exitCode, stderr } = await muster([...CLEAN, "--confirm", "acme"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining(`  alpha ${uuid} FAILED`),
    });
    expect(await left("acme")).toEqual(before);
    await org.setCluster(uuid, { clusterStatus: "REMOVED" });
  });

  test("lists everything with --dry-run, and changes nothing", async () => {
    const before = await left("acme");
    const { exitCode, stdout, stderr } = await muster([...CLEAN, "--dry-run", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { toRemove } = JSON.parse(stdout.toString()) as { toRemove: unknown[] };
    for (const [kind, id] of made.ids) expect(toRemove).toContainEqual({ kind, id });
    expect(await left("acme")).toEqual(before);
  });

  test("removes all that the org has, in order, and nothing of another org", async () => {
    const before = await left("other");
    expect(before.leftovers.length).toBeGreaterThan(20);
    const { exitCode, stdout, stderr } = await muster([...CLEAN, "--confirm", "acme", "--json"]);
    expect(stderr).toContain(" removed, ");
    const { removed, ...rest } = JSON.parse(stdout.toString()) as {
      removed: { kind: string; id: string; result: string; why: string | null }[];
      leftovers: unknown;
      pendingDeletion: unknown;
    };
    expect(removed.filter(({ result }) => result !== "removed")).toEqual([]);
    expect(rest).toMatchObject({ leftovers: [], pendingDeletion: [{ kind: "key", id: made.keyId }] });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining(", 0 left.") });
    expect(await left("other")).toEqual(before);
    // It may run again.
    expect((await muster([...CLEAN, "--confirm", "acme"])).exitCode).toBe(0);
  });
});

/** What makes an order necessary: groups that name each other, a role in use, objects with versions, an image of a snapshot. */
async function entangle(settings: TestEmulator["client"], org: string, { ids }: MadeThings): Promise<void> {
  const idOf = (wanted: string): string => ids.find(([kind]) => kind === wanted)?.[1] ?? "";
  const Tags = [{ Key: "muster:org", Value: org }];
  const ec2 = new EC2Client(settings);
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: "h", Description: "h", VpcId: idOf("VPC") }),
  );
  const pairs = [
    [GroupId, idOf("security group")],
    [idOf("security group"), GroupId],
  ] as const;
  for (const [group, from] of pairs)
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: group,
        IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: from }] }],
      }),
    );
  const { ImageId = "" } = await ec2.send(
    new CreateImageCommand({ InstanceId: idOf("instance"), Name: `baked-${org}` }),
  );
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
  const snapshot = Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "";
  await ec2.send(new CreateTagsCommand({ Resources: [GroupId, ImageId, snapshot], Tags }));
  // Terraform gives the tag to the VPC's own group and table too, which can't be deleted.
  const Filters = [{ Name: "vpc-id", Values: [idOf("VPC")] }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const own = [
    ...SecurityGroups.flatMap(({ GroupId: id, GroupName }) => (GroupName === "default" && id ? [id] : [])),
    ...RouteTables.flatMap(({ RouteTableId: id, Associations = [] }) =>
      Associations.some(({ Main }) => Main) && id ? [id] : [],
    ),
  ];
  expect(own).toHaveLength(2);
  await ec2.send(new CreateTagsCommand({ Resources: own, Tags }));
  const iam = new IAMClient(settings);
  const RoleName = idOf("role");
  const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: "Local" }));
  const PolicyArn = Policies.find(({ PolicyName }) => PolicyName === idOf("policy"))?.Arn;
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
  await iam.send(
    new AddRoleToInstanceProfileCommand({ RoleName, InstanceProfileName: idOf("instance profile") }),
  );
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const Bucket = `muster-${org}-logs-1`;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  for (const Body of ["1", "2"]) await s3.send(new PutObjectCommand({ Bucket, Key: "logs/x", Body }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "logs/x" }));
}
