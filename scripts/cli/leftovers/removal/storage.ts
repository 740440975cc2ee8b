import {
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DeleteMountTargetCommand,
  DescribeMountTargetsCommand,
  type EFSClient,
} from "@aws-sdk/client-efs";
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { RemovableKind } from "../../core/cleanup.js";
import { GONE, type Remove, waiting } from "./removal.js";

/** What stores data. */
export function storageRemovals(efs: EFSClient, s3: S3Client, dynamo: DynamoDBClient) {
  return {
    "mount target": async ({ id }) => {
      await efs.send(new DeleteMountTargetCommand({ MountTargetId: id }));
      const { MountTargets = [] } = await efs.send(new DescribeMountTargetsCommand({ MountTargetId: id }));
      const state = MountTargets[0]?.LifeCycleState ?? "deleted";
      return state === "deleted" ? GONE : waiting(`it is ${state}`);
    },
    "file system access point": async ({ id }) => {
      await efs.send(new DeleteAccessPointCommand({ AccessPointId: id }));
      return GONE;
    },
    "file system": async ({ id }) => {
      await efs.send(new DeleteFileSystemCommand({ FileSystemId: id }));
      return GONE;
    },
    bucket: async ({ id }) => {
      if (!(await emptyBucket(s3, id))) return waiting("it still has objects");
      await s3.send(new DeleteBucketCommand({ Bucket: id }));
      return GONE;
    },
    table: async ({ id }) => {
      const asked = { TableName: id };
      const { Table } = await dynamo.send(new DescribeTableCommand(asked));
      if (Table?.TableStatus === "DELETING") return waiting("it is being deleted");
      if (Table?.DeletionProtectionEnabled)
        await dynamo.send(new UpdateTableCommand({ ...asked, DeletionProtectionEnabled: false }));
      await dynamo.send(new DeleteTableCommand(asked));
      // Gone is what it is when this throws that there is none.
      await dynamo.send(new DescribeTableCommand(asked));
      return waiting("it is being deleted");
    },
  } as const satisfies Partial<Record<RemovableKind, Remove>>;
}

/** So many pages of 1,000 are deleted in one try. */
const PAGES = 100;

/** All versions, markers and unfinished uploads. False: there are more. */
async function emptyBucket(s3: S3Client, Bucket: string): Promise<boolean> {
  for (let page = 0; page < PAGES; page++) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    if (Objects.length + Uploads.length === 0) return true;
    if (Objects.length > 0) await deleteObjects(s3, Bucket, Objects);
    for (const { Key, UploadId } of Uploads)
      await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
  return false;
}

async function deleteObjects(
  s3: S3Client,
  Bucket: string,
  Objects: readonly { readonly Key: string | undefined; readonly VersionId: string | undefined }[],
): Promise<void> {
  const Delete = { Objects: [...Objects], Quiet: true };
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
  const [first] = Errors;
  if (first === undefined) return;
  const { Code: name = "Error", Key, Message } = first;
  throw Object.assign(new Error(`s3://${Bucket}/${Key}: ${Message}`), { name });
}
