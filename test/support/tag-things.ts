import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutDashboardCommand,
  TagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeTableCommand,
  DynamoDBClient,
  TagResourceCommand as TagTable,
} from "@aws-sdk/client-dynamodb";
import { CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { EFSClient, TagResourceCommand as TagFiles } from "@aws-sdk/client-efs";
import {
  IAMClient,
  ListPoliciesCommand,
  TagInstanceProfileCommand,
  TagPolicyCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import { PutBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { AddTagsToResourceCommand, SSMClient } from "@aws-sdk/client-ssm";
import { TAG } from "../../agent/contract/names.js";
import type { ClientSettings } from "../../scripts/cli/leftovers/find.js";
import type { MadeThings } from "./one-of-each.js";

/** Those of EC2 that Terraform tags. A network interface has no tag where AWS itself makes it. */
const EC2_KINDS = [
  ...[
    "subnet",
    "route table",
    "security group",
    "VPC endpoint",
    "NAT gateway",
    "placement group",
    "instance",
  ],
  "flow log",
];

/** Gives the org's tag to everything that can have it, as the AWS provider's default tags do; the dashboard shows the file system. */
export async function tagThings(settings: ClientSettings, org: string, { ids }: MadeThings): Promise<void> {
  const idOf = (wanted: string): string => ids.find(([kind]) => kind === wanted)?.[1] ?? "";
  const Tags = [{ Key: TAG.ORG, Value: org }];
  const Resources = ids.filter(([kind]) => EC2_KINDS.includes(kind)).map(([, id]) => id);
  await new EC2Client(settings).send(new CreateTagsCommand({ Resources, Tags }));
  await new EFSClient(settings).send(new TagFiles({ ResourceId: idOf("file system access point"), Tags }));
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  for (const [kind, Bucket] of ids)
    if (kind === "bucket") await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: Tags } }));
  const dynamo = new DynamoDBClient(settings);
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: idOf("table") }));
  await dynamo.send(new TagTable({ ResourceArn: Table?.TableArn, Tags }));
  await tagAccountThings(settings, Tags, idOf);
}

async function tagAccountThings(
  settings: ClientSettings,
  Tags: { Key: string; Value: string }[],
  idOf: (kind: string) => string,
): Promise<void> {
  const iam = new IAMClient(settings);
  await iam.send(new TagRoleCommand({ RoleName: idOf("role"), Tags }));
  await iam.send(new TagInstanceProfileCommand({ InstanceProfileName: idOf("instance profile"), Tags }));
  const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: "Local" }));
  const policy = Policies.find(({ PolicyName }) => PolicyName === idOf("policy"));
  await iam.send(new TagPolicyCommand({ PolicyArn: policy?.Arn, Tags }));
  const parameter = { ResourceType: "Parameter", ResourceId: idOf("parameter") } as const;
  await new SSMClient(settings).send(new AddTagsToResourceCommand({ ...parameter, Tags }));
  const cloudWatch = new CloudWatchClient(settings);
  const { MetricAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [idOf("alarm")] }),
  );
  await cloudWatch.send(new TagResourceCommand({ ResourceARN: MetricAlarms[0]?.AlarmArn, Tags }));
  const metrics = [["AWS/EFS", "ClientConnections", "FileSystemId", idOf("file system")]];
  const widgets = [{ type: "metric", properties: { metrics, region: settings.region } }];
  const DashboardBody = JSON.stringify({ widgets });
  await cloudWatch.send(new PutDashboardCommand({ DashboardName: idOf("dashboard"), DashboardBody }));
}
