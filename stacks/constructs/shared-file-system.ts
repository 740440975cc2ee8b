import { EfsAccessPoint } from "@cdktf/provider-aws/lib/efs-access-point/index.js";
import { EfsFileSystem } from "@cdktf/provider-aws/lib/efs-file-system/index.js";
import { EfsFileSystemPolicy } from "@cdktf/provider-aws/lib/efs-file-system-policy/index.js";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target/index.js";
import { Construct } from "constructs";
import { renderPolicy } from "./policy.js";

/** The job user of the image. */
const OWNER = { uid: 1500, gid: 1500 };

export interface SharedFileSystemProps {
  /** The Name tag. */
  readonly name: string;
  /** ARN of the KMS key that encrypts the files. */
  readonly keyArn: string;
  /** One mount target is made in each. */
  readonly subnetIds: readonly string[];
  /** Lets the nodes in. */
  readonly securityGroupId: string;
}

/**
 * What nodes mount at /shared: EFS, encrypted, reached by an access point that shows only the folder /muster and does
 * everything as the job user, so that neither root on a node nor a job can leave files the other can't use. Nodes so need
 * no root access to it (ClientRootAccess), and an agent that gives a file to anybody else is refused.
 */
export class SharedFileSystem extends Construct {
  readonly fileSystemId: string;
  readonly fileSystemArn: string;
  readonly accessPointId: string;
  readonly accessPointArn: string;

  constructor(scope: Construct, id: string, props: SharedFileSystemProps) {
    super(scope, id);
    const fileSystem = new EfsFileSystem(this, "file-system", {
      encrypted: true,
      kmsKeyId: props.keyArn,
      throughputMode: "elastic",
      tags: { Name: props.name },
    });
    new EfsFileSystemPolicy(this, "policy", {
      fileSystemId: fileSystem.id,
      // With a policy of its own the file system no longer lets in whoever reaches it: nodes need their role's grant.
      policy: renderPolicy([
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: { AWS: "*" },
          Action: "*",
          Resource: fileSystem.arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]),
    });
    const mountTargets = props.subnetIds.map(
      (subnetId, index) =>
        new EfsMountTarget(this, `mount-target-${index + 1}`, {
          fileSystemId: fileSystem.id,
          subnetId,
          securityGroups: [props.securityGroupId],
        }),
    );
    const accessPoint = new EfsAccessPoint(this, "access-point", {
      fileSystemId: fileSystem.id,
      posixUser: OWNER,
      rootDirectory: {
        path: "/muster",
        creationInfo: { ownerUid: OWNER.uid, ownerGid: OWNER.gid, permissions: "0775" },
      },
      tags: { Name: props.name },
      // Whoever refers to the access point can mount it, and loses it before the mount targets go.
      dependsOn: mountTargets,
    });
    this.fileSystemId = fileSystem.id;
    this.fileSystemArn = fileSystem.arn;
    this.accessPointId = accessPoint.id;
    this.accessPointArn = accessPoint.arn;
  }
}
