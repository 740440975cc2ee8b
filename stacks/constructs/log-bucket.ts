import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging/index.js";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy/index.js";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { logBucketPrefix } from "../../agent/contract/names.js";
import { deliveryStatements, FLOW_LOG_PREFIX, type LogDelivery } from "./flow-logs.js";
import { renderPolicy } from "./policy.js";

export interface LogBucketProps {
  readonly orgName: string;
  /** ARN of the KMS key that encrypts the objects. */
  readonly keyArn: string;
  /**
   * Whether destroy refuses while the bucket holds anything.
   * @default false: logs are deleted with the bucket
   */
  readonly keep?: boolean;
  /**
   * How long logs stay.
   * @default as long as the bucket
   */
  readonly expireAfterDays?: number | undefined;
  /**
   * An existing bucket for S3's log of who accessed this one.
   * @default none
   */
  readonly accessLogBucket?: string | undefined;
  /** Whose log delivery may write flow logs into it. */
  readonly account: LogDelivery;
}

/**
 * The bucket of job logs: private, versioned, encrypted with the org's key, TLS only. Its name starts with the org's
 * and ends in characters made at creation, because bucket names are shared by all of AWS.
 */
export class LogBucket extends Construct {
  readonly bucketName: string;
  readonly arn: string;
  /** What lets AWS write flow logs into it. */
  readonly access: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: LogBucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, "bucket", {
      bucketPrefix: logBucketPrefix(props.orgName),
      forceDestroy: !(props.keep ?? false),
      tags: { Name: `muster-${props.orgName}-logs` },
    });
    this.bucketName = bucket.bucket;
    this.arn = bucket.arn;
    this.encrypt(props.keyArn);
    this.access = [this.closeToOthers(props.account)];
    if (props.expireAfterDays !== undefined) this.expire(props.expireAfterDays);
    if (props.accessLogBucket === undefined) return;
    new S3BucketLoggingA(this, "access-log", {
      bucket: this.bucketName,
      targetBucket: props.accessLogBucket,
      targetPrefix: `muster-${props.orgName}-logs/`,
    });
  }

  /** Old versions go as well, and what was never completed. Sources that were packed for jobs are logs' neighbours, and stay. */
  private expire(days: number): void {
    new S3BucketLifecycleConfiguration(this, "lifecycle", {
      bucket: this.bucketName,
      rule: [
        ...["logs", FLOW_LOG_PREFIX].map((folder) => ({
          id: `expire-${folder.toLowerCase()}`,
          status: "Enabled",
          filter: [{ prefix: `${folder}/` }],
          expiration: [{ days }],
          noncurrentVersionExpiration: [{ noncurrentDays: 1 }],
        })),
        {
          id: "end-incomplete-uploads",
          status: "Enabled",
          filter: [{ prefix: "" }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
    });
  }

  private encrypt(keyArn: string): void {
    new S3BucketVersioningA(this, "versioning", {
      bucket: this.bucketName,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket: this.bucketName,
      rule: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
          bucketKeyEnabled: true,
        },
      ],
    });
  }

  private closeToOthers(account: LogDelivery): S3BucketPolicy {
    const publicAccess = new S3BucketPublicAccessBlock(this, "public-access", {
      bucket: this.bucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "ownership", {
      bucket: this.bucketName,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    return new S3BucketPolicy(this, "policy", {
      bucket: this.bucketName,
      policy: renderPolicy([
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [this.arn, `${this.arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        ...deliveryStatements(this.arn, account),
      ]),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccess],
    });
  }
}
