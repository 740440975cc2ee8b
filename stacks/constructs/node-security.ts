import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

const ALL_PROTOCOLS = "-1";

export interface NodeSecurityProps {
  /** The group's. */
  readonly name: string;
  /** EC2 takes letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* here. */
  readonly description: string;
  readonly vpcId: string;
  /** Where ssh may come from: IPv4 ranges. */
  readonly sshFrom: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

const SSH_PORT = 22;

/**
 * A cluster's nodes may talk to each other over any protocol (MPI and EFA need that), and to the outside. Nothing else may
 * connect to them, not even other clusters' nodes, but ssh from the ranges that the cluster allows.
 */
export class NodeSecurity extends Construct {
  readonly groupId: string;
  /** Resources that must exist before the first node starts, and until the last has terminated. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NodeSecurityProps) {
    super(scope, id);
    const { name, description, vpcId } = props;
    const nodes = new SecurityGroup(this, "nodes", { name, description, vpcId, tags: { ...props.tags } });
    this.groupId = nodes.id;
    const among = {
      securityGroupId: nodes.id,
      referencedSecurityGroupId: nodes.id,
      ipProtocol: ALL_PROTOCOLS,
      tags: { ...props.tags },
    };
    this.dependables = [
      new VpcSecurityGroupIngressRule(this, "from-nodes", {
        ...among,
        description: "All traffic from the nodes of the cluster, EFA included",
      }),
      // EFA traffic is not IP: a rule for 0.0.0.0/0 does not let it out, but a rule for the group does.
      new VpcSecurityGroupEgressRule(this, "to-nodes", {
        ...among,
        description: "All traffic to the nodes of the cluster, EFA included",
      }),
      new VpcSecurityGroupEgressRule(this, "outward", {
        description: "Outward: AWS, package indexes, sources",
        securityGroupId: nodes.id,
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: ALL_PROTOCOLS,
        tags: { ...props.tags },
      }),
      ...props.sshFrom.map((range) => this.sshFrom(range, nodes.id, props.tags)),
    ];
  }

  /** Named after the range, so that one that goes changes no other. */
  private sshFrom(cidrIpv4: string, securityGroupId: string, tags: NodeSecurityProps["tags"]) {
    return new VpcSecurityGroupIngressRule(this, `ssh-from-${cidrIpv4.replaceAll(/[./]/g, "-")}`, {
      ...{ securityGroupId, cidrIpv4, ipProtocol: "tcp", fromPort: SSH_PORT, toPort: SSH_PORT },
      description: "ssh",
      tags: { ...tags },
    });
  }
}
