import { readFileSync } from "node:fs";

type Packages = Readonly<Record<string, object>>;

/** Operations whose right has another name. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const RIGHT_OF: Readonly<Record<string, readonly string[]>> = {
  "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  "s3:GetBucketAccelerateConfiguration": ["s3:GetAccelerateConfiguration"],
  "s3:GetBucketCors": ["s3:GetBucketCORS"],
  "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
  "s3:GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
  "s3:GetBucketReplication": ["s3:GetReplicationConfiguration"],
  "s3:GetObjectLockConfiguration": ["s3:GetBucketObjectLockConfiguration"],
  "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
  "s3:HeadBucket": ["s3:ListBucket"],
  "s3:HeadObject": ["s3:GetObject"],
  "s3:ListBuckets": ["s3:ListAllMyBuckets"],
  "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
  "s3:ListObjectVersions": ["s3:ListBucketVersions"],
  "s3:ListObjects": ["s3:ListBucket"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
  "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
  "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
  "dynamodb:BatchWrite": ["dynamodb:BatchWriteItem"],
  "dynamodb:Delete": ["dynamodb:DeleteItem"],
  "dynamodb:Get": ["dynamodb:GetItem"],
  "dynamodb:Put": ["dynamodb:PutItem"],
  "dynamodb:Update": ["dynamodb:UpdateItem"],
  // The rights of its parts.
  "dynamodb:TransactWrite": [
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
  ],
  "dynamodb:TransactWriteItems": [
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
  ],
};

/** S3's requests as the gateway names them where it does not know the operation. */
const S3_SETTINGS: Readonly<Record<string, string>> = {
  accelerate: "AccelerateConfiguration",
  acl: "BucketAcl",
  encryption: "EncryptionConfiguration",
  logging: "BucketLogging",
  ownershipControls: "BucketOwnershipControls",
  publicAccessBlock: "BucketPublicAccessBlock",
  requestPayment: "BucketRequestPayment",
  tagging: "BucketTagging",
  versioning: "BucketVersioning",
};
const EFS_PATHS: readonly (readonly [RegExp, string])[] = [
  [/GET .*\/lifecycle-configuration$/, "elasticfilesystem:DescribeLifecycleConfiguration"],
  [/GET .*\/mount-targets\/.*\/security-groups$/, "elasticfilesystem:DescribeMountTargetSecurityGroups"],
];

/** The rights that an operation ("s3:HeadBucket") needs by itself. */
export function rightsOf(operation: string): readonly string[] {
  const [, method, setting = ""] = /^s3:(GET|PUT|DELETE) \?(\w+)$/.exec(operation) ?? [];
  const known = S3_SETTINGS[setting];
  // To delete a setting takes the right to put it.
  if (known !== undefined) return [`s3:${method === "GET" ? "Get" : "Put"}${known}`];
  const path = operation.startsWith("elasticfilesystem:")
    ? EFS_PATHS.find(([form]) => form.test(operation))
    : undefined;
  return path === undefined ? (RIGHT_OF[operation] ?? [operation]) : [path[1]];
}

/** The prefix of a package's actions. */
const PREFIX: Readonly<Record<string, string>> = {
  "client-auto-scaling": "autoscaling",
  "client-cloudwatch-logs": "logs",
  "client-efs": "elasticfilesystem",
  "lib-dynamodb": "dynamodb",
};

/** The rights of all calls that the files make with the SDK, by their text; `more` are files that export the SDK to them. */
export function rightsOfCalls(
  files: readonly string[],
  packages: Packages,
  more: readonly string[] = [],
): readonly string[] {
  const named = (text: string): readonly string[] =>
    [...text.matchAll(/"@aws-sdk\/((?:client|lib)-[a-z0-9-]+)"/g)].map(([, name = ""]) => name);
  const shared = more.flatMap((file) => named(readFileSync(file, "utf8")));
  const found = files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const own = named(text);
    const symbols = [
      ...[...text.matchAll(/new (?:\w+\.)?([A-Z]\w+Command)\(/g)].map(([, name = ""]) => name),
      ...[...text.matchAll(/\b(paginate[A-Z]\w+)\b/g)].map(([, name = ""]) => name),
    ];
    return [...new Set(symbols)].map((symbol) => {
      const candidates = own.length > 0 ? own : shared;
      // What is imported under its name says where it comes from.
      const imported = candidates.find((name) =>
        new RegExp(`import \\{[^}]*\\b${symbol}\\b[^}]*\\} from "@aws-sdk/${name}"`).test(text),
      );
      const home = imported ?? candidates.find((name) => symbol in (packages[name] ?? {}));
      if (home === undefined) throw new Error(`${file}: ${symbol} is of no known package`);
      const [, original = symbol] = new RegExp(`\\b(\\w+) as ${symbol}\\b`).exec(text) ?? [];
      const operation = original.replace(/^paginate/, "").replace(/Command$/, "");
      return `${PREFIX[home] ?? home.replace(/^client-/, "").replaceAll("-", "")}:${operation}`;
    });
  });
  return [...new Set(found.flatMap(rightsOf))].sort();
}
