import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App } from "cdktf";
import { findLeftovers } from "../../../scripts/cli/leftovers/find.js";
import { renderImages } from "../../../scripts/local/emulator/images.js";
import { type SetUp, setUp } from "../../../scripts/setup/set-up.js";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import { openOrg } from "../../support/provider/org.js";
import { type AttachedProviders, attachProviders } from "../../support/stacks/attached.js";
import { openRootModule, type RootModule } from "../../support/stacks/root-module.js";

const ROOT = path.join(__dirname, "../../..");
const TIMEOUT_MS = 600_000;
const BOOT_SCRIPT = "#!/bin/sh\necho hello\n";

let emulator: TestEmulator;
let tools: SetUp;
let providers: AttachedProviders;
let folder: string;
const heads: FakeHead[] = [];
let network: string;

/** Its stacks, by their ids; Terraform's state of each is kept between two calls. */
function stacksOf(clusters: string): (id: string) => RootModule {
  const file = path.join(folder, "project/muster.yaml");
  const text = `org: {name: demo, region: us-east-1, network: ${network}}\nclusters:\n${clusters}`;
  writeFileSync(file, text);
  const app = new App({ outdir: path.join(folder, "cdktf.out") });
  declareStacks(app, parseMusterConfig(text, file));
  app.synth();
  return (id) => openRootModule(tools.terraform, path.join(folder, "cdktf.out/stacks", id), providers.env);
}

/** A VPC as a company has it, before there is an org. */
async function makeVpc(ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const subnet = async (CidrBlock: string, AvailabilityZone: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet?.SubnetId ?? "";
  const subnets = [await subnet("10.77.1.0/24", "us-east-1a"), await subnet("10.77.2.0/24", "us-east-1b")];
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const tables = `endpointRouteTableIds: [${RouteTable?.RouteTableId}]`;
  return `{vpcId: ${VpcId}, subnetIds: [${subnets.join(", ")}], ${tables}}`;
}

/** Instances do not boot here: one that plays their head reports them ready. */
function playHead(cluster: string): void {
  const org = openOrg(emulator, "demo");
  const group = async () => org.group(`muster-${cluster}-${await org.findUuid(cluster)}`);
  heads.push(startFakeHead({ ...org, group }, cluster, ""));
}

async function groupOf(cluster: string) {
  const client = new AutoScalingClient(emulator.client);
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({}));
  return AutoScalingGroups.find(({ AutoScalingGroupName }) =>
    AutoScalingGroupName?.startsWith(`muster-${cluster}-`),
  );
}

beforeAll(async () => {
  [emulator, tools] = await Promise.all([
    startEmulator({ images: renderImages("0123456789abcdef") }),
    setUp({ projectRoot: ROOT, say: () => undefined }),
  ]);
  providers = await attachProviders(tools, emulator);
  folder = mkdtempSync(path.join(tmpdir(), "muster-options-"));
  mkdirSync(path.join(folder, "project"));
  writeFileSync(path.join(folder, "project/setup.sh"), BOOT_SCRIPT);
  network = await makeVpc(new EC2Client(emulator.client));
}, TIMEOUT_MS);
afterAll(async () => {
  for (const head of heads) await head.stop();
  await providers?.stop();
  await emulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("fleets with options, in a network that exists", () => {
  const WIDE = `
  - name: wide
    nodes: 2
    instanceTypes: [c5.xlarge, c5d.xlarge]
    zones: [1, 2]
    spot: true
    spotMaxPriceUsd: 0.08
    rootVolume: {iops: 4000, throughputMiBps: 500}
    bootScript: {file: setup.sh, timeoutMinutes: 5}
    proxy: {https: "http://proxy.acme.internal:3128", jobs: true}
    monitoring: {dashboard: true, alarms: {notify: ["arn:aws:sns:us-east-1:123456789012:oncall"]}}
`;
  const FAST = `
  - name: fast
    nodes: 1
    instanceType: c5n.18xlarge
    efa: true
    capacityReservationId: cr-0123456789abcdef0
`;

  test(
    "are deployed, and a second plan changes nothing",
    async () => {
      const stack = stacksOf(WIDE + FAST);
      await stack("muster_demo").apply();
      expect(await stack("muster_demo").plannedChanges()).toEqual([]);
      for (const cluster of ["wide", "fast"]) {
        playHead(cluster);
        await stack(`muster_demo_${cluster}`).apply();
        expect(await stack(`muster_demo_${cluster}`).plannedChanges()).toEqual([]);
      }
    },
    TIMEOUT_MS,
  );

  test("Spot of several types and zones is what the group asks for", async () => {
    const group = await groupOf("wide");
    expect(group).toMatchObject({
      DesiredCapacity: 2,
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0, SpotMaxPrice: "0.08" },
        LaunchTemplate: { Overrides: [{ InstanceType: "c5.xlarge" }, { InstanceType: "c5d.xlarge" }] },
      },
    });
    expect(group?.VPCZoneIdentifier?.split(",")).toHaveLength(2);
    expect((await groupOf("fast"))?.PlacementGroup).toMatch(/^muster-fast-/);
  });

  test("the launch templates have disk, user data, EFA and reservation", async () => {
    const ec2 = new EC2Client(emulator.client);
    const dataOf = async (id: string | undefined) => {
      const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id ?? "" });
      return (await ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
    };
    const wide = await groupOf("wide");
    const spec = wide?.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
    const spot = await dataOf(spec?.LaunchTemplateId);
    expect(spot?.BlockDeviceMappings).toMatchObject([
      { Ebs: { Iops: 4000, Throughput: 500, VolumeType: "gp3" } },
    ]);
    const userData = Buffer.from(spot?.UserData ?? "", "base64").toString();
    expect(userData).toContain(Buffer.from(BOOT_SCRIPT).toString("base64"));
    expect(userData).toContain('"https": "http://proxy.acme.internal:3128"');
    const fast = await dataOf((await groupOf("fast"))?.LaunchTemplate?.LaunchTemplateId);
    expect(fast?.NetworkInterfaces).toMatchObject([{ InterfaceType: "efa" }]);
    expect(JSON.stringify(fast?.CapacityReservationSpecification)).toContain("cr-0123456789abcdef0");
  });

  test("the dashboard and the three alarms are there", async () => {
    const cloudWatch = new CloudWatchClient(emulator.client);
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName?.replace(/-[0-9a-f-]{36}/, "")).sort()).toEqual([
      "muster-demo-wide-file-system-at-limit",
      "muster-demo-wide-nodes-missing",
      "muster-demo-wide-registry-throttled",
    ]);
    const { DashboardEntries = [] } = await cloudWatch.send(new ListDashboardsCommand({}));
    expect(DashboardEntries).toMatchObject([{ DashboardName: expect.stringMatching(/^muster-demo-wide-/) }]);
  });

  test(
    "types with different numbers of cores fail the plan, and both are named",
    async () => {
      const stack = stacksOf(WIDE.replace("c5d.xlarge", "c5d.2xlarge") + FAST);
      await expect(stack("muster_demo_wide").plannedChanges()).rejects.toThrow(
        /c5\.xlarge has 2 cores, and c5d\.2xlarge has 4:/,
      );
    },
    TIMEOUT_MS,
  );

  test(
    "are destroyed to nothing; the network stays",
    async () => {
      const stack = stacksOf(WIDE + FAST);
      for (const id of ["muster_demo_wide", "muster_demo_fast", "muster_demo"]) await stack(id).destroy();
      expect((await findLeftovers("demo", emulator.client)).leftovers).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
