import { EfsAccessPoint } from "@cdktf/provider-aws/lib/efs-access-point/index.js";
import { Construct } from "constructs";
import { AGENTS_OWNER, JOB_USER } from "../../agent/contract/node-accounts.js";

/** A folder's owner: every access through the access point runs as this user. */
const FOLDER_OWNER = { jobs: JOB_USER, agents: AGENTS_OWNER } as const;

export interface FileSystemFolderProps {
  readonly fileSystemId: string;
  /** Absolute on the file system; at most 100 characters and four levels. May hold Terraform references. */
  readonly path: string;
  readonly owner: keyof typeof FOLDER_OWNER;
  /** Octal; the folder gets them when it is made. */
  readonly permissions: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A folder of an EFS file system with an access point of its own. A mount through it shows this folder and nothing
 * beside or above it, and does everything as the folder's owner, so that root on a node needs no root access to the file
 * system (ClientRootAccess). EFS makes the folder at the first mount, with the folders above it that are missing:
 * @see https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html
 * @see https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html
 */
export class FileSystemFolder extends Construct {
  readonly accessPointId: string;
  readonly accessPointArn: string;

  constructor(scope: Construct, id: string, props: FileSystemFolderProps) {
    super(scope, id);
    const { uid, gid } = FOLDER_OWNER[props.owner];
    const accessPoint = new EfsAccessPoint(this, "access-point", {
      fileSystemId: props.fileSystemId,
      posixUser: { uid, gid },
      rootDirectory: {
        path: props.path,
        creationInfo: { ownerUid: uid, ownerGid: gid, permissions: props.permissions },
      },
      tags: { ...props.tags },
    });
    this.accessPointId = accessPoint.id;
    this.accessPointArn = accessPoint.arn;
  }
}
