import {
  type AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DeleteLaunchTemplateCommand,
  DeletePlacementGroupCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeInstancesCommand,
  type EC2Client,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { RemovableKind } from "../../core/cleanup.js";
import { GONE, type Remove, waiting } from "./removal.js";

/** Instances, what starts them, and what they are made of. */
export function computeRemovals(ec2: EC2Client, scaling: AutoScalingClient) {
  return {
    "Auto Scaling group": async ({ id }) => {
      const asked = { AutoScalingGroupNames: [id] };
      const { AutoScalingGroups = [] } = await scaling.send(new DescribeAutoScalingGroupsCommand(asked));
      const [group] = AutoScalingGroups;
      if (group === undefined) return GONE;
      if (group.Status === undefined)
        await scaling.send(
          new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }),
        );
      const again = await scaling.send(new DescribeAutoScalingGroupsCommand(asked));
      const [left] = again.AutoScalingGroups ?? [];
      return left === undefined ? GONE : waiting(`its ${left.Instances?.length ?? 0} instances end`);
    },
    instance: async ({ id }) => {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      const state = Reservations[0]?.Instances?.[0]?.State?.Name ?? "terminated";
      return state === "terminated" ? GONE : waiting(`it is ${state}`);
    },
    "launch template": async ({ id }) => {
      await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }));
      return GONE;
    },
    "placement group": async ({ id, name = id }) => {
      await ec2.send(new DeletePlacementGroupCommand({ GroupName: name }));
      return GONE;
    },
    image: async ({ id }) => {
      await ec2.send(new DeregisterImageCommand({ ImageId: id }));
      return GONE;
    },
    snapshot: async ({ id }) => {
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
      return GONE;
    },
    volume: async ({ id }) => {
      await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
      return GONE;
    },
  } as const satisfies Partial<Record<RemovableKind, Remove>>;
}
