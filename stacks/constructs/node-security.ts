import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js";
import { Construct } from "constructs";

const ALL_PROTOCOLS = "-1";
const NFS_PORT = 2049;

export interface NodeSecurityProps {
  /** Starts the groups' names. */
  readonly name: string;
  readonly vpcId: string;
}

/**
 * Who may talk to whom: nodes with nodes, whatever the protocol (MPI and EFA need that), nodes with the file system
 * over NFS, nodes outward. Nothing comes in from anywhere else.
 */
export class NodeSecurity extends Construct {
  readonly nodesGroupId: string;
  readonly fileSystemGroupId: string;

  constructor(scope: Construct, id: string, props: NodeSecurityProps) {
    super(scope, id);
    const nodes = this.group("nodes", props, "MPI nodes: each other, and outward");
    const fileSystem = this.group("file-system", props, "Shared file system: NFS from the nodes");
    this.nodesGroupId = nodes.id;
    this.fileSystemGroupId = fileSystem.id;

    new VpcSecurityGroupIngressRule(this, "nodes-from-nodes", {
      securityGroupId: nodes.id,
      referencedSecurityGroupId: nodes.id,
      ipProtocol: ALL_PROTOCOLS,
    });
    // EFA traffic is not IP: a rule for 0.0.0.0/0 does not let it out, one for the group does.
    new VpcSecurityGroupEgressRule(this, "nodes-to-nodes", {
      securityGroupId: nodes.id,
      referencedSecurityGroupId: nodes.id,
      ipProtocol: ALL_PROTOCOLS,
    });
    new VpcSecurityGroupEgressRule(this, "nodes-outward", {
      securityGroupId: nodes.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: ALL_PROTOCOLS,
    });
    new VpcSecurityGroupIngressRule(this, "nfs-from-nodes", {
      securityGroupId: fileSystem.id,
      referencedSecurityGroupId: nodes.id,
      ipProtocol: "tcp",
      fromPort: NFS_PORT,
      toPort: NFS_PORT,
    });
  }

  private group(part: string, props: NodeSecurityProps, description: string): SecurityGroup {
    const name = `${props.name}-${part}`;
    return new SecurityGroup(this, part, { name, description, vpcId: props.vpcId, tags: { Name: name } });
  }
}
