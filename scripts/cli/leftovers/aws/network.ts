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
        (await collectPages(paginateDescribeVpcs({ client }, {}), (page) => page.Vpcs)).map((vpc) =>
          part("VPC", vpc.VpcId, vpc.Tags, []),
        ),
    },
    {
      what: "subnets",
      list: async () =>
        (await collectPages(paginateDescribeSubnets({ client }, {}), (page) => page.Subnets)).map((subnet) =>
          part("subnet", subnet.SubnetId, subnet.Tags, [subnet.VpcId]),
        ),
    },
    {
      what: "route tables",
      list: async () =>
        (await collectPages(paginateDescribeRouteTables({ client }, {}), (page) => page.RouteTables)).map(
          (table) => part("route table", table.RouteTableId, table.Tags, [table.VpcId]),
        ),
    },
    {
      what: "internet gateways",
      list: async () =>
        (
          await collectPages(
            paginateDescribeInternetGateways({ client }, {}),
            (page) => page.InternetGateways,
          )
        ).map((gateway) =>
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
        (
          await collectPages(paginateDescribeSecurityGroups({ client }, {}), (page) => page.SecurityGroups)
        ).map((group) => part("security group", group.GroupId, group.Tags, [group.VpcId])),
    },
    {
      what: "VPC endpoints",
      list: async () =>
        (await collectPages(paginateDescribeVpcEndpoints({ client }, {}), (page) => page.VpcEndpoints)).map(
          (endpoint) =>
            part("VPC endpoint", endpoint.VpcEndpointId, endpoint.Tags, [endpoint.VpcId], endpoint.State),
        ),
    },
    {
      what: "flow logs",
      list: async () =>
        (await collectPages(paginateDescribeFlowLogs({ client }, {}), (page) => page.FlowLogs)).map((log) =>
          part("flow log", log.FlowLogId, log.Tags, [log.ResourceId]),
        ),
    },
    {
      what: "NAT gateways",
      list: async () =>
        (await collectPages(paginateDescribeNatGateways({ client }, {}), (page) => page.NatGateways)).map(
          (gateway) =>
            part("NAT gateway", gateway.NatGatewayId, gateway.Tags, [gateway.VpcId], gateway.State),
        ),
    },
    {
      what: "network interfaces",
      list: async () =>
        (
          await collectPages(
            paginateDescribeNetworkInterfaces({ client }, {}),
            (page) => page.NetworkInterfaces,
          )
        ).map((eni) => part("network interface", eni.NetworkInterfaceId, eni.TagSet, [eni.VpcId])),
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
