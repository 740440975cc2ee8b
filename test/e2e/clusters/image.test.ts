import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeImagesCommand, DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient, ListInstanceProfilesCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { IMAGE_TAG } from "../../../agent/contract/image/names.js";
import { clusterStackName, TAG } from "../../../agent/contract/names.js";
import { checkNothingOfHost } from "../../../scripts/image/check-root.js";
import { readHostSettings } from "../../../scripts/image/host-settings.js";
import { findByName, openAccess } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { runCommand } from "../../../scripts/system/command.js";
import { runProgram } from "../../../scripts/system/program.js";
import { imageStackName } from "../../../stacks/image-stack.js";
import { startTestJourney } from "../../support/journey.js";
import { createWorkspace, type Workspace } from "../../support/provider/terraform.js";
import { runInNode } from "../../support/run-in-node.js";
import { SHARED_CLOUD } from "../../support/shared-cluster/place.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
/** The family, and the cluster that boots it. */
const BAKED = "baked";

let journey: SharedJourney;
let env: NodeJS.ProcessEnv;
let ec2: EC2Client;
let workspace: Workspace | undefined;
let amiId: string;

/** The shared cluster's org, with an image and a cluster of this file alone. */
beforeAll(async () => {
  ({ journey } = await useSharedCluster());
  const { folder, org, region } = place();
  const config = join(folder, "image.yaml");
  const { env: ofSetUp } = await startTestJourney(SHARED_CLOUD);
  env = { ...process.env, ...ofSetUp, MUSTER_CONFIG: config, CI: "1", FORCE_COLOR: "0" };
  const steps = [{ name: "mark", script: "echo marked >/etc/motd" }];
  const declaration = {
    org: { name: org, region },
    state: { type: "local", path: "state" },
    images: [{ family: BAKED, version: "1", steps }],
    clusters: [{ name: BAKED, nodes: 1, image: { family: BAKED } }],
  };
  writeFileSync(config, stringify(declaration));
  ec2 = new EC2Client({ region });
}, 6 * MINUTE_MS);
afterAll(async () => {
  await workspace?.remove();
  if (journey === undefined) return;
  for (const stack of stacks().reverse()) await cdktf("destroy", stack);
  await leaveSharedCluster(journey);
}, 4 * MINUTE_MS);

const place = () => journey.place.workspace;
const stacks = () => [imageStackName(place().org, BAKED), clusterStackName(place().org, BAKED)];

/** One stack: without the org's among them, cdktf knows no order of several. */
async function cdktf(command: "deploy" | "destroy", stack: string): Promise<void> {
  const lines: string[] = [];
  const flags = ["--auto-approve", "--skip-provider-lock", "--ignore-missing-stack-dependencies"];
  // Not where the project's are: another file's may be synthesised there meanwhile.
  const output = ["--output", join(place().folder, "image.out")];
  const { exitCode } = await runProgram(
    ["npx", "--no-install", "cdktf", command, stack, ...flags, ...output],
    {
      ...{ cwd: journey.place.projectRoot, env },
      onLine: (line) => void lines.push(line),
    },
  );
  if (exitCode !== 0) process.stderr.write(`${lines.join("\n")}\n`);
  expect(exitCode).toBe(0);
}

/** Builders that EC2 still has. */
async function builders(): Promise<readonly string[]> {
  const Filters = [
    { Name: "tag-key", Values: [IMAGE_TAG.BUILD] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
}

const imagesOf = async (family: string) => {
  const Filters = [{ Name: `tag:${TAG.IMAGE}`, Values: [family] }];
  return (await ec2.send(new DescribeImagesCommand({ Owners: ["self"], Filters }))).Images ?? [];
};

test(
  "an image is baked of a plain Debian, and a cluster's node boots it, with its agent ready",
  async () => {
    for (const stack of stacks()) await cdktf("deploy", stack);
    const images = await imagesOf(BAKED);
    expect(images).toMatchObject([{ State: "available", Architecture: "x86_64" }]);
    amiId = images[0]?.ImageId ?? "";
    expect(await builders()).toEqual([]);

    const cluster = await findByName(openAccess(place().org, place().region), BAKED);
    expect(cluster).toMatchObject({ clusterStatus: "FINISHED", hostfileNodes: 1 });
    const node = cluster?.nodes[0]?.id ?? "";
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [node] }));
    expect(Reservations?.[0]?.Instances?.[0]?.ImageId).toBe(amiId);
    const look =
      "cat /etc/motd; wc -c </etc/machine-id; ls /etc/ssh/ssh_host_*_key; ls -d /var/lib/muster-build";
    const { stdout } = await runInNode(journey.place, node, ["sh", "-c", look]);
    expect(stdout.trim().split("\n")).toEqual([
      "marked",
      "33",
      expect.stringMatching(/^\/etc\/ssh\/ssh_host_/),
    ]);
  },
  5 * MINUTE_MS,
);

test("the image has no identity, key, log or trace of its builder, nor of this machine", async () => {
  const root = join(cloudPlaces(SHARED_CLOUD).images, amiId);
  const { environment, sources } = await readHostSettings();
  await expect(checkNothingOfHost(root, { environment, sources: sources ?? "" })).resolves.toBeUndefined();
  expect(statSync(join(root, "etc/machine-id")).size).toBe(0);
  expect(readdirSync(join(root, "etc/ssh")).filter((name) => name.startsWith("ssh_host_"))).toEqual([]);
  for (const gone of ["var/lib/muster-build", "var/lib/muster/user-data", "etc/muster", "root/.ssh"])
    expect(`${gone} ${existsSync(join(root, gone))}`).toBe(`${gone} false`);
  const logs = readdirSync(join(root, "var/log"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) => statSync(join(entry.parentPath, entry.name)).size > 0);
  expect(logs.map(({ name }) => name)).toEqual([]);
  expect(readFileSync(join(root, "usr/lib/muster/without"), "utf8")).toBe("session-manager\nefs-utils\n");
});

test(
  "a bake whose recipe fails names the step with its last lines, and leaves no builder and no image",
  async () => {
    const { org, region } = place();
    const profiles = await new IAMClient({ region }).send(
      new ListInstanceProfilesCommand({ PathPrefix: `/muster/${org}/` }),
    );
    const profile = profiles.InstanceProfiles?.find(({ InstanceProfileName = "" }) =>
      InstanceProfileName.includes(`builder-${BAKED}`),
    );
    const image = Object.values(stateOf("images", BAKED)).find((it) => "bucket" in it) ?? {};
    const { bucket, subnet_id, security_group_ids } = image as Record<string, unknown>;
    workspace = await createWorkspace(join(journey.place.projectRoot, "dist/terraform-mirror"), cloudEnv());
    const declared = {
      ...{ family: BAKED, version: "2", bucket, subnet_id, security_group_ids },
      ...{ instance_profile: profile?.InstanceProfileName, recipe_file: await failingRecipe() },
    };
    await workspace.configure(hcl(org, region, declared));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/step.*"?disk of the moon"?/);
    expect(output).toContain("there is no moon here");
    expect(await builders()).toEqual([]);
    expect((await imagesOf(BAKED)).map(({ ImageId }) => ImageId)).toEqual([amiId]);
  },
  3 * MINUTE_MS,
);

const hcl = (org: string, region: string, image: Readonly<Record<string, unknown>>): string =>
  [
    `provider "muster" {\n  org = "${org}"\n  region = "${region}"\n}`,
    'resource "muster_image" "broken" {',
    ...Object.entries(image).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    "}",
    "",
  ].join("\n");

const cloudEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[0].startsWith("AWS_") && entry[1] !== undefined,
    ),
  );

/** What Terraform's state has of each resource of a stack. */
function stateOf(kind: string, name: string): Record<string, object> {
  const file = join(place().folder, "state", place().org, kind, `${name}.tfstate`);
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as {
    resources: { type: string; instances: { attributes: object }[] }[];
  };
  return Object.fromEntries(resources.map(({ type, instances }) => [type, instances[0]?.attributes ?? {}]));
}

/** The runner as it is, and a recipe that fails at its second step. */
async function failingRecipe(): Promise<string> {
  const folder = join(place().folder, "failing-recipe");
  const image = join(folder, "agent/image");
  await runCommand(["mkdir", "-p", image], { timeoutSeconds: 10 });
  await runCommand(["cp", "-r", join(journey.place.projectRoot, "agent/image/builder"), image], {
    timeoutSeconds: 10,
  });
  const recipe =
    "#!/bin/sh\necho step begins: first\necho step begins: disk of the moon\necho there is no moon here\nexit 7\n";
  writeFileSync(join(image, "recipe.sh"), recipe, { mode: 0o755 });
  const file = join(tmpdir(), `failing-recipe-${process.pid}.tar`);
  await runCommand(["tar", "-cf", file, "-C", folder, "agent"], { timeoutSeconds: 10 });
  return file;
}
