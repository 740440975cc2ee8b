import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AccountCalls } from "../stage.js";

/** Calls AWS as this process's environment names it at the first call. */
export function accountCalls(region: string): AccountCalls {
  const s3 = () => new S3Client({ region, forcePathStyle: true });
  return {
    async caller() {
      const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
      if (Account === undefined) throw new Error("STS names no account");
      return Account;
    },
    async putFiles(Bucket, prefix, files) {
      const client = s3();
      // us-east-1 is the one that must not be named.
      const where = { LocationConstraint: region as BucketLocationConstraint };
      await client.send(
        new CreateBucketCommand({
          Bucket,
          ...(region === "us-east-1" ? {} : { CreateBucketConfiguration: where }),
        }),
      );
      for (const [name, Body] of Object.entries(files))
        await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}${name}`, Body }));
    },
    async removeBucket(Bucket) {
      const client = s3();
      try {
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
          for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
        await client.send(new DeleteBucketCommand({ Bucket }));
      } catch (error) {
        if ((error as Error).name !== "NoSuchBucket") throw error;
      }
    },
    async terminate(instanceId) {
      await new EC2Client({ region }).send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    },
  };
}
