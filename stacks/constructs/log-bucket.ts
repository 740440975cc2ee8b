import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy/index.js";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning/index.js";
import { Construct } from "constructs";
import { renderPolicy } from "./policy.js";

/** S3 allows 63 characters and Terraform adds 26 to a prefix. */
const MAX_PREFIX_LENGTH = 37;

export interface LogBucketProps {
  readonly orgName: string;
  /** ARN of the KMS key that encrypts the objects. */
  readonly keyArn: string;
  /**
   * Whether destroy refuses while the bucket holds anything.
   * @default false: logs are deleted with the bucket
   */
  readonly keep?: boolean;
}

/**
 * The bucket of job logs: private, versioned, encrypted with the org's key, TLS only. Its name starts with the org's
 * and ends in characters made at creation, because bucket names are shared by all of AWS.
 */
export class LogBucket extends Construct {
  readonly bucketName: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: LogBucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, "bucket", {
      bucketPrefix: `${`muster-${props.orgName}-logs`.slice(0, MAX_PREFIX_LENGTH - 1)}-`,
      forceDestroy: !(props.keep ?? false),
      tags: { Name: `muster-${props.orgName}-logs` },
    });
    this.bucketName = bucket.bucket;
    this.arn = bucket.arn;
    this.encrypt(props.keyArn);
    this.closeToOthers();
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

  private closeToOthers(): void {
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
    new S3BucketPolicy(this, "policy", {
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
      ]),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccess],
    });
  }
}
