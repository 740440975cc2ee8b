import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones/index.js";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group/index.js";
import { Eip } from "@cdktf/provider-aws/lib/eip/index.js";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway/index.js";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway/index.js";
import { Route } from "@cdktf/provider-aws/lib/route/index.js";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table/index.js";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association/index.js";
import { Subnet } from "@cdktf/provider-aws/lib/subnet/index.js";
import { Vpc } from "@cdktf/provider-aws/lib/vpc/index.js";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint/index.js";
import { Fn, type TerraformResourceLifecycle } from "cdktf";
import { Construct } from "constructs";
import { type Ipv4Range, parseCidr, quartersOf } from "../config/ipv4.js";

const ANYWHERE = "0.0.0.0/0";
/** AWS's services that a VPC may have an endpoint for which costs nothing. */
export const GATEWAY_SERVICES = ["s3", "dynamodb"] as const;

export interface OrgNetworkProps {
  /** The beginning of each part's Name tag. */
  readonly name: string;
  readonly region: string;
  /** The VPC's IPv4 range, /16 to /24. Each subnet gets a quarter: private 1, private 2, public 1, public 2. */
  readonly cidr: string;
  /**
   * Two different availability zones of the region.
   * @default the first two that the account sees when the network is made; they stay even if the list changes
   */
  readonly zones?: readonly string[];
  /**
   * What must hold before anything of the network is made.
   * @default nothing
   */
  readonly preconditions?: NonNullable<TerraformResourceLifecycle["precondition"]>;
}

/**
 * A VPC with a private and a public subnet in each of two zones. Private subnets reach out through one NAT gateway in
 * the first zone, and S3 and DynamoDB through gateway endpoints that cost nothing. Nothing can reach in, but ssh from where a
 * cluster allows it: its nodes are then in a public subnet, with public addresses.
 */
export class OrgNetwork extends Construct {
  readonly vpcId: string;
  /** In the order of the zones; nodes live here. */
  readonly privateSubnetIds: readonly [string, string];
  /** In the order of the zones; the NAT gateway, and nodes of clusters that ssh reaches from the internet. */
  readonly publicSubnetIds: readonly [string, string];
  private readonly props: OrgNetworkProps;

  constructor(scope: Construct, id: string, props: OrgNetworkProps) {
    super(scope, id);
    this.props = props;
    const { preconditions = [] } = props;
    const [private1, private2, public1, public2] = quartersOf(requireRange(props.cidr));
    const vpc = new Vpc(this, "vpc", {
      cidrBlock: props.cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: this.named(),
      ...(preconditions.length === 0 ? {} : { lifecycle: { precondition: preconditions } }),
    });
    this.vpcId = vpc.id;
    // Without rules: a resource that is in no other group can reach nothing and can't be reached.
    new DefaultSecurityGroup(this, "default-security-group", { vpcId: vpc.id, tags: this.named("default") });

    const publicSubnets = this.subnets("public", [public1, public2]);
    const privateSubnets = this.subnets("private", [private1, private2]);
    const publicTable = this.routeTable("public", publicSubnets);
    const privateTable = this.routeTable("private", privateSubnets);
    this.privateSubnetIds = [privateSubnets[0].id, privateSubnets[1].id];
    this.publicSubnetIds = [publicSubnets[0].id, publicSubnets[1].id];
    this.reachOut(publicTable, privateTable, publicSubnets[0]);
    this.reachAwsDirectly([publicTable.id, privateTable.id]);
  }

  private subnets(tier: "public" | "private", ranges: [Ipv4Range, Ipv4Range]): [Subnet, Subnet] {
    const { zones } = this.props;
    const found = zones === undefined ? this.availableZones() : undefined;
    const subnet = (index: 0 | 1): Subnet =>
      new Subnet(this, `${tier}-${index + 1}`, {
        vpcId: this.vpcId,
        cidrBlock: String(ranges[index]),
        availabilityZone: found === undefined ? (zones?.[index] ?? "") : Fn.element(found.names, index),
        mapPublicIpOnLaunch: false,
        tags: this.named(`${tier}-${index + 1}`),
        // AWS's list of zones changes with time; subnets that exist must not be replaced for that.
        ...(found === undefined ? {} : { lifecycle: { ignoreChanges: ["availability_zone"] } }),
      });
    return [subnet(0), subnet(1)];
  }

  private availableZones(): DataAwsAvailabilityZones {
    const existing = this.node.tryFindChild("zones");
    if (existing instanceof DataAwsAvailabilityZones) return existing;
    return new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      // Not local and wavelength zones: they lack NAT gateways and most instance types.
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
  }

  private routeTable(tier: string, subnets: readonly Subnet[]): RouteTable {
    const table = new RouteTable(this, `${tier}-routes`, { vpcId: this.vpcId, tags: this.named(tier) });
    subnets.forEach((subnet, index) => {
      new RouteTableAssociation(this, `${tier}-routes-${index + 1}`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      });
    });
    return table;
  }

  private reachOut(publicTable: RouteTable, privateTable: RouteTable, natSubnet: Subnet): void {
    const gateway = new InternetGateway(this, "internet-gateway", { vpcId: this.vpcId, tags: this.named() });
    new Route(this, "public-out", {
      routeTableId: publicTable.id,
      destinationCidrBlock: ANYWHERE,
      gatewayId: gateway.id,
    });
    const address = new Eip(this, "nat-address", {
      domain: "vpc",
      tags: this.named("nat"),
      dependsOn: [gateway],
    });
    const nat = new NatGateway(this, "nat", {
      allocationId: address.id,
      subnetId: natSubnet.id,
      tags: this.named(),
      dependsOn: [gateway],
    });
    new Route(this, "private-out", {
      routeTableId: privateTable.id,
      destinationCidrBlock: ANYWHERE,
      natGatewayId: nat.id,
    });
  }

  private reachAwsDirectly(routeTableIds: string[]): void {
    for (const service of GATEWAY_SERVICES) {
      new VpcEndpoint(this, `${service}-endpoint`, {
        vpcId: this.vpcId,
        serviceName: `com.amazonaws.${this.props.region}.${service}`,
        vpcEndpointType: "Gateway",
        routeTableIds,
        tags: this.named(service),
      });
    }
  }

  private named(part?: string): { Name: string } {
    return { Name: part === undefined ? this.props.name : `${this.props.name}-${part}` };
  }
}

function requireRange(cidr: string): Ipv4Range {
  const range = parseCidr(cidr);
  const isUsable = range !== null && range.bitmask >= 16 && range.bitmask <= 24;
  if (isUsable && `${range}` === cidr) return range;
  throw new Error(
    `OrgNetwork: cidr: got "${cidr}"; allowed: an IPv4 range from /16 to /24 such as 10.20.0.0/16`,
  );
}
