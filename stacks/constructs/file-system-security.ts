import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js";
import { Construct } from "constructs";

const NFS_PORT = 2049;

export interface FileSystemSecurityProps {
  /** The beginning of the groups' names. */
  readonly name: string;
  readonly vpcId: string;
}

/**
 * Members of the clients' group may reach the org's file system, over NFS. The group has no other rule, so its members can't
 * reach each other by it. With it, clusters are added and removed without a change of the file system's rules.
 */
export class FileSystemSecurity extends Construct {
  readonly fileSystemGroupId: string;
  readonly clientsGroupId: string;

  constructor(scope: Construct, id: string, props: FileSystemSecurityProps) {
    super(scope, id);
    const group = (part: string, description: string): SecurityGroup => {
      const name = `${props.name}-${part}`;
      return new SecurityGroup(this, part, { name, description, vpcId: props.vpcId, tags: { Name: name } });
    };
    const fileSystem = group("file-system", "Shared file system: NFS from the nodes");
    const clients = group("file-system-clients", "May reach the shared file system; members not each other");
    this.fileSystemGroupId = fileSystem.id;
    this.clientsGroupId = clients.id;

    new VpcSecurityGroupIngressRule(this, "nfs-from-clients", {
      description: "NFS from the nodes of clusters",
      securityGroupId: fileSystem.id,
      referencedSecurityGroupId: clients.id,
      ipProtocol: "tcp",
      fromPort: NFS_PORT,
      toPort: NFS_PORT,
    });
  }
}
