import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js";
import { Construct } from "constructs";

const NFS_PORT = 2049;

export interface FileSystemSecurityProps {
  /** Starts the groups' names. */
  readonly name: string;
  readonly vpcId: string;
}

/**
 * Who may reach the org's file system: members of the clients' group, over NFS. That group says nothing else, so members
 * can't reach each other by it. It lets clusters come and go without a change of the file system's rules.
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
      securityGroupId: fileSystem.id,
      referencedSecurityGroupId: clients.id,
      ipProtocol: "tcp",
      fromPort: NFS_PORT,
      toPort: NFS_PORT,
    });
  }
}
