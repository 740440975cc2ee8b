import { type AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import {
  DescribePlacementGroupsCommand,
  type EC2Client,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  paginateDescribeVolumes,
} from "@aws-sdk/client-ec2";
import type { LeftoverProbe } from "../probe.js";
import { collectPages, toTags } from "./tags.js";

/** Instances and what starts them. */
export function computeProbes(client: EC2Client, autoScaling: AutoScalingClient): LeftoverProbe[] {
  return [
    {
      what: "instances",
      list: async () =>
        collectPages(
          paginateDescribeInstances({ client }, {}),
          (page) => page.Reservations?.flatMap(({ Instances }) => Instances ?? []),
          (instance) => ({
            kind: "instance",
            id: instance.InstanceId ?? "",
            tags: toTags(instance.Tags),
            within: instance.VpcId === undefined ? [] : [instance.VpcId],
            status: instance.State?.Name === "terminated" ? "gone" : "live",
          }),
        ),
    },
    {
      what: "volumes",
      list: async () =>
        collectPages(
          paginateDescribeVolumes({ client }, {}),
          (page) => page.Volumes,
          (volume) => ({
            kind: "volume",
            id: volume.VolumeId ?? "",
            tags: toTags(volume.Tags),
            within: (volume.Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
            status: volume.State === "deleted" ? "gone" : "live",
          }),
        ),
    },
    {
      what: "launch templates",
      list: async () =>
        collectPages(
          paginateDescribeLaunchTemplates({ client }, {}),
          (page) => page.LaunchTemplates,
          (template) => ({
            kind: "launch template",
            id: template.LaunchTemplateId ?? "",
            name: template.LaunchTemplateName ?? "",
            tags: toTags(template.Tags),
            status: "live",
          }),
        ),
    },
    {
      what: "placement groups",
      list: async () => {
        const { PlacementGroups } = await client.send(new DescribePlacementGroupsCommand({}));
        return (PlacementGroups ?? []).map((group) => ({
          kind: "placement group",
          id: group.GroupId ?? "",
          name: group.GroupName ?? "",
          tags: toTags(group.Tags),
          status: group.State === "deleted" ? "gone" : "live",
        }));
      },
    },
    {
      what: "Auto Scaling groups",
      list: async () =>
        collectPages(
          paginateDescribeAutoScalingGroups({ client: autoScaling }, {}),
          (page) => page.AutoScalingGroups,
          (group) => ({
            kind: "Auto Scaling group",
            id: group.AutoScalingGroupName ?? "",
            tags: toTags(group.Tags),
            status: "live",
          }),
        ),
    },
  ];
}
