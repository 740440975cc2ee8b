import type { AutoScalingClient, LaunchTemplateSpecification } from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { GroupInstance, Groups } from "../client/ports.js";
import { callAws, isAwsError } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { ComputeSdk } from "./sdk/parts.js";

/** EC2's states of instances that still exist. */
const LIVE_STATES = ["pending", "running", "shutting-down", "stopping", "stopped"];
/** The tag of every instance that a group starts. */
const GROUP_TAG = "aws:autoscaling:groupName";
/** Auto Scaling's words for an instance that is in no group, or is gone. */
const NOT_A_MEMBER = /not found|no managed instance/i;

/** Auto Scaling groups and EC2. */
export function awsGroups(
  sdk: ComputeSdk,
  autoScaling: AutoScalingClient,
  ec2: EC2Client,
  scope: AwsScope,
): Groups {
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> => callAws({ doing, ...scope }, run);
  return {
    describe: (name) =>
      call(`describe Auto Scaling group ${name}`, async () => {
        const describe = new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
        const { AutoScalingGroups = [] } = await autoScaling.send(describe, aborting);
        const group = AutoScalingGroups.find(({ AutoScalingGroupName }) => AutoScalingGroupName === name);
        if (group === undefined) return null;
        return {
          name,
          minSize: group.MinSize ?? 0,
          desired: group.DesiredCapacity ?? 0,
          instances: (group.Instances ?? []).map(({ InstanceId, LifecycleState, LaunchTemplate }) => ({
            id: InstanceId ?? "",
            lifecycle: LifecycleState ?? "unknown",
            template: templateOf(LaunchTemplate),
          })),
        };
      }),

    resize: ({ name, minSize }, desired) =>
      call(`set Auto Scaling group ${name} to ${desired} instances`, async () => {
        const update = new sdk.UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          DesiredCapacity: desired,
          MaxSize: desired,
          ...(minSize > desired ? { MinSize: desired } : {}),
        });
        await autoScaling.send(update, aborting);
      }),

    replace: (instanceId) =>
      call(`end instance ${instanceId} of its Auto Scaling group`, async () => {
        const end = new sdk.TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: instanceId,
          ShouldDecrementDesiredCapacity: false,
        });
        await autoScaling.send(end, aborting).catch((error: unknown) => {
          if (!(isAwsError(error, "ValidationError") && NOT_A_MEMBER.test((error as Error).message)))
            throw error;
        });
      }),

    activities: (name, limit) =>
      call(`list the activities of Auto Scaling group ${name}`, async () => {
        const list = new sdk.DescribeScalingActivitiesCommand({
          AutoScalingGroupName: name,
          MaxRecords: limit,
        });
        const { Activities = [] } = await autoScaling.send(list, aborting);
        return Activities.map((activity) => ({
          id: activity.ActivityId ?? "",
          at: activity.StartTime?.toISOString() ?? "",
          status: activity.StatusCode ?? "unknown",
          message: activity.StatusMessage ?? activity.Description ?? "",
        }));
      }),

    liveInstances: (name) => call(`list the instances of group ${name}`, () => liveInstances(sdk, ec2, name)),

    consoleLines: (instanceId, limit) =>
      call(`read the console of ${instanceId}`, async () => {
        const read = (Latest: boolean) =>
          ec2.send(new sdk.GetConsoleOutputCommand({ InstanceId: instanceId, Latest }), aborting);
        const { Output } = await read(true).catch((error: unknown) => {
          // Only Nitro instances have the latest output; others have the one that EC2 took soon after boot.
          if (isAwsError(error, "UnsupportedOperation")) return read(false);
          throw error;
        });
        const text = Buffer.from(Output ?? "", "base64").toString("utf8");
        const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
        return lines.slice(-limit);
      }),
  };
}

const templateOf = (template: LaunchTemplateSpecification | undefined): string | null =>
  template?.LaunchTemplateId === undefined ? null : `${template.LaunchTemplateId}/${template.Version}`;

async function liveInstances(
  sdk: ComputeSdk,
  ec2: EC2Client,
  groupName: string,
): Promise<readonly GroupInstance[]> {
  const pages = sdk.paginateDescribeInstances(
    { client: ec2 },
    {
      Filters: [
        { Name: `tag:${GROUP_TAG}`, Values: [groupName] },
        { Name: "instance-state-name", Values: LIVE_STATES },
      ],
    },
  );
  const instances: GroupInstance[] = [];
  for await (const { Reservations = [] } of pages) {
    for (const { InstanceId, State } of Reservations.flatMap((reservation) => reservation.Instances ?? [])) {
      instances.push({ id: InstanceId ?? "", lifecycle: State?.Name ?? "unknown" });
    }
  }
  return instances;
}
