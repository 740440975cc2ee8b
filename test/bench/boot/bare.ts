import { existsSync, readFileSync } from "node:fs";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { nodePlaces } from "../../../scripts/local/hosts/system/node.js";
import { waitFor } from "../../../scripts/system/wait.js";

const NAME = "bare";
const LIMIT_SECONDS = 300;
/** Of both: a slower look would count as a slower boot. */
export const LOOK_EVERY_MS = 200;

/** Begins sshd, as a bare machine has it, and shows its banner on the console. */
const USER_DATA = `#!/bin/bash
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
mkdir -p /run/sshd
/usr/sbin/sshd
until exec 3<>/dev/tcp/127.0.0.1/22; do sleep 0.1; done
read -r banner <&3
echo "$banner" >/dev/console
`;

/** The ids of the instances that are there, or on their way. `group`: of that Auto Scaling group alone. */
async function instanceIds(group?: string): Promise<readonly string[]> {
  const client = new EC2Client({});
  const Filters = [
    { Name: "instance-state-name", Values: ["pending", "running"] },
    ...(group === undefined ? [] : [{ Name: "tag:aws:autoscaling:groupName", Values: [group] }]),
  ];
  const ids: string[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances(
    { client, pageSize: 1_000 },
    { Filters },
  ))
    ids.push(
      ...Reservations.flatMap(({ Instances = [] }) =>
        Instances.flatMap(({ InstanceId }) => InstanceId ?? []),
      ),
    );
  client.destroy();
  return ids;
}

/** When the first instance is there (of the group, where one is named), on this process's monotonic clock. */
export async function firstInstance(group?: string): Promise<number> {
  await waitFor({
    ...{ what: "a first instance", timeoutSeconds: LIMIT_SECONDS, everyMs: LOOK_EVERY_MS },
    look: () => instanceIds(group),
    isDone: (ids) => ids.length > 0,
    describe: (ids) => `${ids.length} instances`,
  });
  return performance.now();
}

/** Boots so many bare machines in the running cloud: seconds from the first instance to the last one's sshd banner. Removes them. */
export async function bareBoot(cloudName: string, nodes: number): Promise<number> {
  const scaling = new AutoScalingClient({});
  await createGroup(scaling, nodes);
  try {
    const fromMs = await firstInstance(NAME);
    let ids: readonly string[] = [];
    await waitFor({
      ...{ what: `${nodes} banners`, timeoutSeconds: LIMIT_SECONDS, everyMs: LOOK_EVERY_MS },
      async look() {
        // Once all are known, the account is not asked any more: that would take a part of the processors that they boot on.
        if (ids.length < nodes) ids = await instanceIds(NAME);
        return ids.filter((id) => hasBanner(cloudName, id)).length;
      },
      isDone: (banners) => banners >= nodes,
      describe: (banners) => `${banners} of ${nodes}`,
    });
    return (performance.now() - fromMs) / 1_000;
  } finally {
    await scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete: true }));
    await waitFor({
      ...{ what: "the bare machines to go", timeoutSeconds: LIMIT_SECONDS },
      look: async () => (await instanceIds(NAME)).length,
      isDone: (left) => left === 0,
      describe: (left) => `${left} are left`,
    });
    scaling.destroy();
  }
}

function hasBanner(cloudName: string, id: string): boolean {
  const { consoleLog } = nodePlaces(cloudPlaces(cloudName), id);
  return existsSync(consoleLog) && readFileSync(consoleLog, "latin1").includes("SSH-2.0-");
}

async function createGroup(scaling: AutoScalingClient, nodes: number): Promise<void> {
  const ec2 = new EC2Client({});
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.7.0.0/16" }));
  const subnet = { VpcId: Vpc?.VpcId, CidrBlock: "10.7.1.0/24", AvailabilityZone: "us-east-1a" };
  const { Subnet } = await ec2.send(new CreateSubnetCommand(subnet));
  const UserData = Buffer.from(USER_DATA).toString("base64");
  const LaunchTemplateData = { ImageId: "ami-12345678", InstanceType: "c5.xlarge", UserData } as const;
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: NAME, LaunchTemplateData }));
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: NAME,
      LaunchTemplate: { LaunchTemplateName: NAME, Version: "$Latest" },
      ...{ MinSize: 0, MaxSize: nodes, DesiredCapacity: nodes, VPCZoneIdentifier: Subnet?.SubnetId },
    }),
  );
  ec2.destroy();
}
