import { DataAwsSubnet } from "@cdktf/provider-aws/lib/data-aws-subnet/index.js";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint/index.js";
import { Construct } from "constructs";
import { GATEWAY_SERVICES } from "./org-network.js";

export interface ExistingNetworkProps {
  /** The beginning of each part's Name tag. */
  readonly name: string;
  readonly region: string;
  readonly vpcId: string;
  /** Private ones with a way out: that of zone 1, and that of zone 2 where there is one. */
  readonly subnetIds: readonly string[];
  /** Get gateway endpoints for S3 and DynamoDB. @default the VPC stays as it is */
  readonly routeTableIds?: readonly string[];
}

/**
 * A network that the company has already. Nothing of it is changed, but for the endpoints where they are asked for. The plan fails
 * where the subnets are not of the VPC, or are in one zone, of which a file system has one mount target.
 */
export class ExistingNetwork extends Construct {
  readonly vpcId: string;
  /** In the order of the zones; nodes live here. The last one stands for zones that the network does not have. */
  readonly privateSubnetIds: readonly string[];
  /** The same ones: which of them have a way in from the internet is the network's matter. */
  readonly publicSubnetIds: readonly string[];

  constructor(scope: Construct, id: string, props: ExistingNetworkProps) {
    super(scope, id);
    const { vpcId, subnetIds, routeTableIds = [] } = props;
    const subnets = subnetIds.map((subnetId, index) => this.subnet(subnetId, index, vpcId));
    const [first, second] = subnets;
    second?.lifecycle?.postcondition?.push({
      condition: `\${self.availability_zone != ${first?.fqn}.availability_zone}`,
      errorMessage: `The subnets ${subnetIds.join(" and ")} of org.network.subnetIds are in one availability zone: give subnets of two zones, or one subnet.`,
    });
    this.vpcId = vpcId;
    this.privateSubnetIds = subnets.map((subnet) => subnet.id);
    this.publicSubnetIds = this.privateSubnetIds;
    if (routeTableIds.length === 0) return;
    for (const service of GATEWAY_SERVICES) {
      new VpcEndpoint(this, `${service}-endpoint`, {
        vpcId,
        serviceName: `com.amazonaws.${props.region}.${service}`,
        vpcEndpointType: "Gateway",
        routeTableIds: [...routeTableIds],
        tags: { Name: `${props.name}-${service}` },
      });
    }
  }

  private subnet(id: string, index: number, vpcId: string): DataAwsSubnet {
    const isOfVpc = {
      condition: `\${self.vpc_id == "${vpcId}"}`,
      errorMessage: `Subnet ${id} of org.network.subnetIds is not in ${vpcId}, org.network.vpcId: give subnets of that VPC.`,
    };
    return new DataAwsSubnet(this, `subnet-${index + 1}`, { id, lifecycle: { postcondition: [isOfVpc] } });
  }
}
