import {
  DescribeAddressesCommand,
  type EC2Client,
  paginateDescribeFlowLogs,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { Candidate } from "../candidate.js";
import type { LeftoverProbe } from "../probe.js";
import { collectPages, toTags } from "./tags.js";

/** VPCs and their parts. */
export function networkProbes(client: EC2Client): LeftoverProbe[] {
  const part = (
    kind: string,
    id: string | undefined,
    tags: Tag[] | undefined,
    vpcs: (string | undefined)[],
    state?: string,
  ): Candidate => ({
    kind,
    id: id ?? "",
    tags: toTags(tags),
    within: vpcs.filter((vpc) => vpc !== undefined),
    status: state?.toLowerCase() === "deleted" ? "gone" : "live",
  });
  return [
    {
      what: "VPCs",
      list: async () =>
        collectPages(
          paginateDescribeVpcs({ client }, {}),
          (page) => page.Vpcs,
          (vpc) => part("VPC", vpc.VpcId, vpc.Tags, []),
        ),
    },
    {
      what: "subnets",
      list: async () =>
        collectPages(
          paginateDescribeSubnets({ client }, {}),
          (page) => page.Subnets,
          (subnet) => part("subnet", subnet.SubnetId, subnet.Tags, [subnet.VpcId]),
        ),
    },
    {
      what: "route tables",
      list: async () =>
        collectPages(
          paginateDescribeRouteTables({ client }, {}),
          (page) => page.RouteTables,
          (table) => part("route table", table.RouteTableId, table.Tags, [table.VpcId]),
        ),
    },
    {
      what: "internet gateways",
      list: async () =>
        collectPages(
          paginateDescribeInternetGateways({ client }, {}),
          (page) => page.InternetGateways,
          (gateway) =>
            part(
              "internet gateway",
              gateway.InternetGatewayId,
              gateway.Tags,
              (gateway.Attachments ?? []).map(({ VpcId }) => VpcId),
            ),
        ),
    },
    {
      what: "security groups",
      list: async () =>
        collectPages(
          paginateDescribeSecurityGroups({ client }, {}),
          (page) => page.SecurityGroups,
          (group) => part("security group", group.GroupId, group.Tags, [group.VpcId]),
        ),
    },
    {
      what: "VPC endpoints",
      list: async () =>
        collectPages(
          paginateDescribeVpcEndpoints({ client }, {}),
          (page) => page.VpcEndpoints,
          (endpoint) =>
            part("VPC endpoint", endpoint.VpcEndpointId, endpoint.Tags, [endpoint.VpcId], endpoint.State),
        ),
    },
    {
      what: "flow logs",
      list: async () =>
        collectPages(
          paginateDescribeFlowLogs({ client }, {}),
          (page) => page.FlowLogs,
          (log) => part("flow log", log.FlowLogId, log.Tags, [log.ResourceId]),
        ),
    },
    {
      what: "NAT gateways",
      list: async () =>
        collectPages(
          paginateDescribeNatGateways({ client }, {}),
          (page) => page.NatGateways,
          (gateway) =>
            part("NAT gateway", gateway.NatGatewayId, gateway.Tags, [gateway.VpcId], gateway.State),
        ),
    },
    {
      what: "network interfaces",
      list: async () =>
        collectPages(
          paginateDescribeNetworkInterfaces({ client }, {}),
          (page) => page.NetworkInterfaces,
          (eni) => part("network interface", eni.NetworkInterfaceId, eni.TagSet, [eni.VpcId]),
        ),
    },
    {
      what: "elastic IPs",
      list: async () => {
        const { Addresses } = await client.send(new DescribeAddressesCommand({}));
        return (Addresses ?? []).map((address) =>
          part("elastic IP", address.AllocationId, address.Tags, [
            address.NetworkInterfaceId,
            address.InstanceId,
          ]),
        );
      },
    },
  ];
}
