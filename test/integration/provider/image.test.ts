import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { reportKey } from "../../../agent/contract/image/names.js";
import { BASE_IMAGE_ID, renderImages } from "../../../scripts/local/emulator/images.js";
import { startEmulator } from "../../support/emulator.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const BUCKET = "muster-acme-logs-1";
const OWNER = "123456789012";
const ACCOUNT = "222222222222";
const OTHER = "333333333333";
const LIVE = ["pending", "running", "stopping", "stopped"];

describe("muster_image, by real terraform", () => {
  let setting: Setting;
  let workspace: Workspace;
  let ec2: EC2Client;
  let west: EC2Client;
  let s3: S3Client;
  let network: { readonly subnet: string; readonly group: string };
  /** Whether builders succeed. */
  let succeeds = true;
  let playing: Promise<void>;
  const stop = new AbortController();

  const hcl = (version: string, more = "") => `
provider "muster" { org = "acme" }
resource "muster_image" "it" {
  family             = "mpi"
  version            = "${version}"
  steps              = [{ name = "motd", script = "echo hello >/etc/motd" }]
  bucket             = "${BUCKET}"
  subnet_id          = "${network.subnet}"
  security_group_ids = ["${network.group}"]
  instance_profile   = "builder"
  recipe_file        = "${join(workspace.folder, "recipe.tar")}"
  ${more}
  lifecycle { create_before_destroy = true }
}
data "muster_images" "it" {
  family     = "mpi"
  depends_on = [muster_image.it]
}
output "image" { value = muster_image.it }
output "versions" { value = data.muster_images.it.images[*].version }
`;
  const WIDE = `regions = ["us-west-2"]\n  accounts = ["${ACCOUNT}"]`;
  const amis = async (client = ec2) =>
    (
      await client.send(
        new DescribeImagesCommand({
          Owners: ["self"],
          Filters: [{ Name: "tag-key", Values: ["muster:image-build"] }],
        }),
      )
    ).Images ?? [];
  const ownSnapshots = async (client: EC2Client) =>
    (
      await client.send(
        new DescribeSnapshotsCommand({
          OwnerIds: ["self"],
          Filters: [{ Name: "tag-key", Values: ["muster:image-build"] }],
        }),
      )
    ).Snapshots ?? [];
  const builders = async () => {
    const Filters = [
      { Name: "tag-key", Values: ["muster:image-build"] },
      { Name: "instance-state-name", Values: LIVE },
    ];
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  };

  /** What data "muster_images" lists with the credentials of a role of another account. */
  async function seenFrom(account: string) {
    const assume = new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account}:role/deploy`,
      RoleSessionName: "test",
    });
    const { Credentials } = await new STSClient(setting.emulator.client).send(assume);
    const theirs = await setting.workspace({
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
    });
    await theirs.configure(`
provider "muster" { org = "beta" }
data "muster_images" "them" {
  family    = "mpi"
  regions   = ["us-east-1", "us-west-2"]
  owner     = "${OWNER}"
  owner_org = "acme"
}
output "images" { value = data.muster_images.them.images }
`);
    await theirs.apply();
    return (await theirs.outputs())["images"] as {
      readonly region: string;
      readonly id: string;
      readonly version: string;
      readonly image_id: string;
      readonly release: boolean;
    }[];
  }

  /** As builders do: they report, and power off. */
  async function play(): Promise<void> {
    while (!stop.signal.aborted) {
      for (const { InstanceId = "", State, Tags = [] } of await builders()) {
        if (State?.Name !== "running") continue;
        const image = Tags.find(({ Key }) => Key === "muster:image-build")?.Value ?? "";
        const end = succeeds
          ? { phase: "done", step: "cleaning", steps: [], ok: true, output: "" }
          : {
              ...{ phase: "steps", step: "01-motd", ok: false },
              steps: [{ name: "01-motd", seconds: 1, exitCode: 7 }],
              output: Buffer.from("motd: read-only file system\n").toString("base64"),
            };
        const Body = JSON.stringify({ schema: 1, image, at: 1, ...end });
        await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: reportKey(image), Body }));
        await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  beforeAll(async () => {
    setting = await startSetting(() => startEmulator({ images: renderImages("0123456789abcdef") }));
    const { client } = setting.emulator;
    ec2 = new EC2Client(client);
    west = new EC2Client({ ...client, region: "us-west-2" });
    s3 = new S3Client({ ...client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await new IAMClient(client).send(new CreateInstanceProfileCommand({ InstanceProfileName: "builder" }));
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    network = { subnet: Subnets[0]?.SubnetId ?? "", group: SecurityGroups[0]?.GroupId ?? "" };
    workspace = await setting.workspace();
    await writeFile(join(workspace.folder, "recipe.tar"), "the recipe");
    playing = play();
  });
  afterAll(async () => {
    stop.abort();
    await playing;
    await setting?.stop();
  });

  test("is baked from Debian's own AMI, copied, and shared; a second plan is empty", async () => {
    await workspace.configure(hcl("1.0.0", WIDE));
    await workspace.apply();
    const { image, versions } = (await workspace.outputs()) as {
      image: Record<string, unknown>;
      versions: string[];
    };
    expect(image).toMatchObject({ base_image_id: BASE_IMAGE_ID, content: expect.any(String) });
    expect(Object.keys(image["images"] as object)).toEqual(["us-east-1", "us-west-2"]);
    expect(image["shares"]).toEqual(
      ["us-east-1", "us-west-2"].map((region) => ({
        region,
        account: ACCOUNT,
        status: "SHARED",
        reason: null,
      })),
    );
    expect(versions).toEqual(["1.0.0"]);
    for (const client of [ec2, west]) {
      const [ami] = await amis(client);
      expect(ami?.Tags).toContainEqual({ Key: "muster:image", Value: "mpi" });
      expect(await ownSnapshots(client)).toHaveLength(1);
    }
    expect(await builders()).toEqual([]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents.map(({ Key }) => Key?.replace(/[0-9a-f]{64}|-[0-9a-f]{8}\//, "*")).sort()).toEqual([
      "images/builds/mpi-1.0.0*report.json",
      "images/builds/mpi-1.0.0*steps/01-motd",
      "images/recipes/*.tar",
    ]);
    expect(await workspace.plan()).toBe("clean");
  });

  test("an account that it is shared with sees it in each region, by its owner and name; another one does not", async () => {
    const image = await seenFrom(ACCOUNT);
    expect(image.map(({ region, version }) => `${region} ${version}`)).toEqual([
      "us-east-1 1.0.0",
      "us-west-2 1.0.0",
    ]);
    const [ami] = await amis();
    expect(image[0]).toMatchObject({ image_id: ami?.ImageId, release: false });
    expect(image[0]?.id).toMatch(/^mpi-1\.0\.0-[0-9a-f]{8}$/);
    expect(await seenFrom(OTHER)).toEqual([]);
  });

  test("a share that EC2 refuses is FAILED with the reason, and the account sees nothing; the next apply mends it", async () => {
    await workspace.configure(hcl("1.0.0", `accounts = ["${ACCOUNT}", "${OTHER}"]`));
    const response = { code: "OperationNotPermitted", message: "not this account", status: 400 };
    await setting.emulator.injectFault({ service: "ec2", action: "ModifyImageAttribute", response });
    await workspace.apply();
    await setting.emulator.clearFaults();
    const { image } = (await workspace.outputs()) as { image: { shares: object[] } };
    expect(image.shares).toContainEqual({
      ...{ region: "us-east-1", account: OTHER, status: "FAILED" },
      reason: expect.stringContaining("not this account"),
    });
    expect(await seenFrom(OTHER)).toEqual([]);
    await workspace.apply();
    expect((await seenFrom(OTHER)).map(({ version }) => version)).toEqual(["1.0.0"]);
  });

  test("regions and accounts change in place", async () => {
    await workspace.configure(hcl("1.0.0", `accounts = ["${OTHER}"]`));
    await workspace.apply();
    expect(await seenFrom(ACCOUNT)).toEqual([]);
    await workspace.configure(hcl("1.0.0", `accounts = ["${ACCOUNT}", "${OTHER}"]`));
    await workspace.apply();
    expect(await amis(west)).toEqual([]);
    expect(await ownSnapshots(west)).toEqual([]);
    const { image } = (await workspace.outputs()) as { image: { shares: object[] } };
    expect(image.shares).toHaveLength(2);
  });

  test("a bake that fails says the step and its last lines, and leaves the version before and nothing else", async () => {
    succeeds = false;
    await workspace.configure(hcl("1.1.0"));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve", "-input=false"]);
    succeeds = true;
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toMatch(/Image mpi-1\.1\.0-[0-9a-f]{8} was not made/);
    expect(unwrapped(output)).toContain('The step "01-motd" has failed with exit code 7.');
    expect(unwrapped(output)).toContain("motd: read-only file system");
    expect(unwrapped(output)).toContain("image-step-failed");
    expect(await builders()).toEqual([]);
    expect(await amis()).toHaveLength(1);
  });

  test("a new version is there before the old one is replaced, which stays as one of the newest", async () => {
    await workspace.apply();
    const found = await amis();
    expect(found).toHaveLength(2);
    const replaced = found.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === "muster:image-replaced"));
    expect(
      replaced.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === "muster:image-version")?.Value),
    ).toEqual(["1.0.0"]);
    expect((await workspace.outputs())["versions"]).toEqual(["1.1.0", "1.0.0"]);
  });

  test("is imported by its id, without a new bake", async () => {
    const { image } = (await workspace.outputs()) as { image: { id: string; image_id: string } };
    expect((await workspace.run(["state", "rm", "muster_image.it"])).exitCode).toBe(0);
    expect((await workspace.run(["import", "-input=false", "muster_image.it", image.id])).exitCode).toBe(0);
    await workspace.apply();
    expect((await workspace.outputs())["image"]).toMatchObject({ id: image.id, image_id: image.image_id });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a destroy leaves nothing", async () => {
    const { exitCode, output } = await workspace.run(["destroy", "-auto-approve", "-input=false"]);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    expect([
      ...(await amis()),
      ...(await amis(west)),
      ...(await ownSnapshots(ec2)),
      ...(await builders()),
    ]).toEqual([]);
  });
});
