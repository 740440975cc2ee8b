import { EfsFileSystem } from "@cdktf/provider-aws/lib/efs-file-system/index.js";
import { EfsFileSystemPolicy } from "@cdktf/provider-aws/lib/efs-file-system-policy/index.js";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target/index.js";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { FileSystemFolder } from "./file-system-folder.js";
import { renderPolicy } from "./policy.js";

export interface SharedFileSystemProps {
  /** The Name tag. */
  readonly name: string;
  /** ARN of the KMS key that encrypts the files. */
  readonly keyArn: string;
  /** One mount target is made in each; at least one. */
  readonly subnetIds: readonly string[];
  /** Lets the nodes in. */
  readonly securityGroupId: string;
}

/**
 * The org's file system: EFS, encrypted, mounted over TLS. Each cluster has its own folders on it (ClusterFolders); the org's
 * folder is for clusters that ask for it. A mount needs an access point, and a role that allows that access point.
 */
export class SharedFileSystem extends Construct {
  /** A resource that refers to it can mount the file system, and is destroyed before the mount targets. */
  readonly fileSystemId: string;
  readonly fileSystemArn: string;
  /** What clusters share by choice, at /shared-org on their nodes. */
  readonly orgFolder: FileSystemFolder;

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
      // Without a policy, the file system admits every client that reaches it. With this one, the nodes' role must allow it.
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
    // Taken from every mount target, to refer to all of them.
    this.fileSystemId = Fn.element(
      mountTargets.map((target) => target.fileSystemId),
      0,
    );
    this.fileSystemArn = fileSystem.arn;
    this.orgFolder = new FileSystemFolder(this, "org-folder", {
      fileSystemId: this.fileSystemId,
      path: "/org",
      owner: "jobs",
      permissions: "0755",
      tags: { Name: `${props.name}-org` },
    });
  }
}
