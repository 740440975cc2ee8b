import {
  DeleteFlowLogsCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  type EC2Client,
  type IpPermission,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  type UnsuccessfulItem,
} from "@aws-sdk/client-ec2";
import type { RemovableKind } from "../../core/cleanup.js";
import { GONE, type Remove, waiting } from "./removal.js";

/** A VPC and its parts. */
export function networkRemovals(ec2: EC2Client) {
  return {
    "flow log": async ({ id }) => {
      const { Unsuccessful } = await ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
      throwFirst(Unsuccessful);
      return GONE;
    },
    "VPC endpoint": async ({ id }) => {
      const VpcEndpointIds = [id];
      throwFirst((await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds }))).Unsuccessful);
      const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds }));
      const state = VpcEndpoints[0]?.State?.toLowerCase() ?? "deleted";
      return state === "deleted" ? GONE : waiting(`it is ${state}`);
    },
    "NAT gateway": async ({ id }) => {
      await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
      const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
      const state = NatGateways[0]?.State ?? "deleted";
      return state === "deleted" ? GONE : waiting(`it is ${state}`);
    },
    "elastic IP": async ({ id }) => {
      await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
      return GONE;
    },
    "network interface": async ({ id }) => {
      await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
      return GONE;
    },
    "security group": async ({ id }) => {
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
      const [group] = SecurityGroups;
      if (group !== undefined) await revokeRules(ec2, group);
      // The VPC's own, which can't be deleted: it goes with the VPC. Terraform gives it the org's tag.
      if (group?.GroupName !== "default") await ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
      return GONE;
    },
    "route table": async ({ id }) => {
      const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
      const associations = RouteTables[0]?.Associations ?? [];
      for (const { Main, RouteTableAssociationId: AssociationId } of associations)
        if (!Main) await ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
      // The VPC's own, likewise.
      if (!associations.some(({ Main }) => Main))
        await ec2.send(new DeleteRouteTableCommand({ RouteTableId: id }));
      return GONE;
    },
    "internet gateway": async ({ id }) => {
      const InternetGatewayId = id;
      const asked = { InternetGatewayIds: [id] };
      const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand(asked));
      for (const { VpcId } of InternetGateways[0]?.Attachments ?? [])
        await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
      await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
      return GONE;
    },
    subnet: async ({ id }) => {
      await ec2.send(new DeleteSubnetCommand({ SubnetId: id }));
      return GONE;
    },
    VPC: async ({ id }) => {
      await ec2.send(new DeleteVpcCommand({ VpcId: id }));
      return GONE;
    },
  } as const satisfies Partial<Record<RemovableKind, Remove>>;
}

/** Groups name each other in their rules, and none of them could go first. */
async function revokeRules(
  ec2: EC2Client,
  { GroupId, IpPermissions = [], IpPermissionsEgress = [] }: SecurityGroup,
): Promise<void> {
  const asRule = (permission: IpPermission) => ({ GroupId, IpPermissions: [permission] });
  for (const permission of IpPermissions)
    await ec2.send(new RevokeSecurityGroupIngressCommand(asRule(permission)));
  for (const permission of IpPermissionsEgress)
    await ec2.send(new RevokeSecurityGroupEgressCommand(asRule(permission)));
}

/** These calls answer 200 with what did not work. */
function throwFirst(items: readonly UnsuccessfulItem[] | undefined): void {
  const error = items?.[0]?.Error;
  if (error === undefined) return;
  throw Object.assign(new Error(error.Message ?? "no message"), { name: error.Code ?? "Error" });
}
