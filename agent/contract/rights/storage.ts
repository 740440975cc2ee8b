import { logBucketPrefix, tableName } from "../names.js";
import {
  EVERYTHING,
  globalArn,
  HAS_TAG,
  IN_REGION,
  MADE_WITH_TAG,
  partitionOf,
  type RightGroup,
  type RightsPlace,
  regionalArn,
} from "./right.js";

const buckets = ({ org, region }: RightsPlace): string =>
  `arn:${partitionOf(region)}:s3:::${logBucketPrefix(org)}*`;

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const S3_RIGHTS: readonly RightGroup[] = [
  {
    sid: "S3Buckets",
    on: "buckets `muster-ORG-logs-*`",
    resources: (place) => [buckets(place)],
    actions: [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLocation",
      "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
      "s3:ListBucketVersions",
      "s3:PutBucketLogging",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ],
  },
  {
    sid: "S3Objects",
    on: "objects in buckets `muster-ORG-logs-*`",
    resources: (place) => [`${buckets(place)}/*`],
    actions: [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetObject",
      "s3:PutObject",
    ],
  },
  {
    sid: "S3List",
    on: "all, which is not narrower with AWS; tags of other buckets are read to find what is left",
    resources: EVERYTHING,
    actions: ["s3:GetBucketTagging", "s3:ListAllMyBuckets"],
  },
];

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const DYNAMODB_RIGHTS: readonly RightGroup[] = [
  {
    sid: "Registry",
    on: "the registry table and its indexes",
    resources: (place) =>
      ["", "/index/*"].map((part) => regionalArn(place, "dynamodb", `table/${tableName(place.org)}${part}`)),
    actions: [
      "dynamodb:BatchWriteItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:CreateTable",
      "dynamodb:DeleteItem",
      "dynamodb:DeleteTable",
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:GetItem",
      "dynamodb:ListTagsOfResource",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateItem",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ],
  },
  {
    sid: "RegistryFind",
    on: "all tables of the region: their tags are read to find what is left",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: ["dynamodb:DescribeTable", "dynamodb:ListTables", "dynamodb:ListTagsOfResource"],
  },
];

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticfilesystem.html */
export const EFS_RIGHTS: readonly RightGroup[] = [
  {
    sid: "EfsLook",
    on: "all file systems of the region",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: [
      "elasticfilesystem:DescribeAccessPoints",
      "elasticfilesystem:DescribeFileSystemPolicy",
      "elasticfilesystem:DescribeFileSystems",
      "elasticfilesystem:DescribeLifecycleConfiguration",
      "elasticfilesystem:DescribeMountTargetSecurityGroups",
      "elasticfilesystem:DescribeMountTargets",
      "elasticfilesystem:ListTagsForResource",
    ],
  },
  {
    sid: "EfsMake",
    on: "what is made",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: MADE_WITH_TAG,
    actions: [
      "elasticfilesystem:CreateAccessPoint",
      "elasticfilesystem:CreateFileSystem",
      "elasticfilesystem:TagResource",
    ],
  },
  {
    sid: "EfsChange",
    on: "what has the org's tag",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: HAS_TAG,
    actions: [
      "elasticfilesystem:CreateMountTarget",
      "elasticfilesystem:DeleteAccessPoint",
      "elasticfilesystem:DeleteFileSystem",
      "elasticfilesystem:DeleteFileSystemPolicy",
      "elasticfilesystem:DeleteMountTarget",
      "elasticfilesystem:ModifyMountTargetSecurityGroups",
      "elasticfilesystem:PutFileSystemPolicy",
      "elasticfilesystem:PutLifecycleConfiguration",
      "elasticfilesystem:UntagResource",
      "elasticfilesystem:UpdateFileSystem",
    ],
  },
];

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html */
export const KMS_RIGHTS: readonly RightGroup[] = [
  {
    // Also what the preflight looks at of a key that encrypts volumes, which may be of no org.
    sid: "KmsFind",
    on: "all keys of the region",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: [
      "kms:DescribeKey",
      "kms:GetKeyPolicy",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeys",
      "kms:ListResourceTags",
    ],
  },
  {
    sid: "KmsMake",
    on: "the key that is made",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: MADE_WITH_TAG,
    actions: ["kms:CreateKey", "kms:TagResource"],
  },
  {
    // Also what EFS, DynamoDB, S3 and SSM do with the key in the caller's name.
    sid: "KmsKey",
    on: "keys that have the org's tag",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: HAS_TAG,
    actions: [
      "kms:CreateAlias",
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DeleteAlias",
      "kms:EnableKeyRotation",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ],
  },
  {
    sid: "KmsAlias",
    on: "the alias `muster-ORG`",
    resources: (place) => [regionalArn(place, "kms", `alias/muster-${place.org}`)],
    actions: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
  },
];

/** Parameters, alarms, dashboards, log deliveries, quotas, prices. */
export const OTHER_RIGHTS: readonly RightGroup[] = [
  {
    sid: "Parameters",
    on: "parameters below `/muster/ORG/`",
    // A path is a resource of its own, for GetParametersByPath.
    resources: (place) => [regionalArn(place, "ssm", `parameter/muster/${place.org}/*`)],
    actions: [
      "ssm:AddTagsToResource",
      "ssm:DeleteParameter",
      "ssm:DeleteParameters",
      "ssm:GetParameter",
      "ssm:GetParametersByPath",
      "ssm:ListTagsForResource",
      "ssm:PutParameter",
      "ssm:RemoveTagsFromResource",
    ],
  },
  {
    sid: "Watching",
    on: "alarms `muster-ORG-*`",
    resources: (place) => [regionalArn(place, "cloudwatch", `alarm:muster-${place.org}-*`)],
    actions: [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:ListTagsForResource",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ],
  },
  {
    sid: "Dashboards",
    on: "dashboards `muster-ORG-*`",
    resources: (place) => [globalArn(place, "cloudwatch", `dashboard/muster-${place.org}-*`)],
    actions: ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"],
  },
  {
    sid: "Find",
    on: "all of the region, which is not narrower with AWS",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: [
      "cloudwatch:DescribeAlarms",
      "cloudwatch:ListDashboards",
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:ListTagsForResource",
      "servicequotas:GetAWSDefaultServiceQuota",
      "servicequotas:GetServiceQuota",
      "ssm:DescribeParameters",
    ],
  },
  {
    sid: "LogGroups",
    on: "log groups that have the org's tag",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: HAS_TAG,
    actions: ["logs:DeleteLogGroup"],
  },
  {
    // Its endpoint is in another region.
    sid: "Prices",
    on: "AWS's price list",
    resources: EVERYTHING,
    actions: ["pricing:GetProducts"],
  },
];
