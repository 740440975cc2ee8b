import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateLaunchTemplateCommand,
  CreateNatGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreatePlacementGroupCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteFlowLogsCommand,
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeletePlacementGroupCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  ReleaseAddressCommand,
  type ResourceType,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateAccessPointCommand,
  CreateFileSystemCommand,
  CreateMountTargetCommand,
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DeleteMountTargetCommand,
  EFSClient,
} from "@aws-sdk/client-efs";
import {
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { TAG, tableName } from "../../agent/contract/names.js";
import type { ClientSettings } from "../../scripts/cli/leftovers/find.js";
import { createRegistryTable } from "./registry-table.js";

/** What was made: kind and id of each, newest last, and how to delete all of it again, newest first. */
export interface MadeThings {
  readonly ids: readonly (readonly [kind: string, id: string])[];
  readonly keyId: string;
  deleteAll(): Promise<void>;
}

type Made = (kind: string, id: string | undefined, remove: (id: string) => Promise<unknown>) => string;

/** One of each thing that an org may leave behind: some with its tag, some only named for it, some only part of another. */
export async function makeOneOfEach(settings: ClientSettings, org: string): Promise<MadeThings> {
  const made: { kind: string; id: string; remove: () => Promise<unknown> }[] = [];
  const keep: Made = (kind, id, remove) => {
    if (!id) throw new Error(`no id came back for the ${kind}`);
    made.push({ kind, id, remove: () => remove(id) });
    return id;
  };
  const vpc = await makeNetwork(new EC2Client(settings), org, keep);
  await makeCompute(new EC2Client(settings), new AutoScalingClient(settings), org, vpc.subnetId, keep);
  await makeStorage(settings, org, vpc.subnetId, keep);
  await makeFlowLog(new EC2Client(settings), vpc.id, `muster-${org}-logs-1`, keep);
  await makeMonitoring(new CloudWatchClient(settings), org, keep);
  const keyId = await makeAccountThings(settings, org, keep);
  return {
    ids: made.map(({ kind, id }) => [kind, id] as const),
    keyId,
    async deleteAll() {
      for (const { remove } of [...made].reverse()) await remove();
    },
  };
}

const tagsOf = (org: string) => [{ Key: TAG.ORG, Value: org }];
const specOf = (ResourceType: ResourceType, org: string) => ({
  TagSpecifications: [{ ResourceType, Tags: tagsOf(org) }],
});

/** Without a tag: it belongs to the org because of its VPC. */
async function makeFlowLog(ec2: EC2Client, vpcId: string, bucket: string, keep: Made) {
  const { FlowLogIds } = await ec2.send(
    new CreateFlowLogsCommand({
      ...{ ResourceIds: [vpcId], ResourceType: "VPC", TrafficType: "REJECT" },
      ...{ LogDestinationType: "s3", LogDestination: `arn:aws:s3:::${bucket}` },
    }),
  );
  keep("flow log", FlowLogIds?.[0], (id) => ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] })));
}

async function makeMonitoring(cloudWatch: CloudWatchClient, org: string, keep: Made) {
  const AlarmName = `muster-${org}-alpha-nodes-missing`;
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      ...{ Namespace: "AWS/EFS", MetricName: "PercentIOLimit", Statistic: "Maximum", Period: 60 },
      ...{ ComparisonOperator: "GreaterThanThreshold", Threshold: 95, EvaluationPeriods: 5 },
    }),
  );
  keep("alarm", AlarmName, () => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
  const DashboardName = `muster-${org}-alpha`;
  const DashboardBody = JSON.stringify({ widgets: [] });
  await cloudWatch.send(new PutDashboardCommand({ DashboardName, DashboardBody }));
  keep("dashboard", DashboardName, () =>
    cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: [DashboardName] })),
  );
}

async function makeNetwork(ec2: EC2Client, org: string, keep: Made) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16", ...specOf("vpc", org) }));
  const VpcId = keep("VPC", Vpc?.VpcId, (id) => ec2.send(new DeleteVpcCommand({ VpcId: id })));
  // Without a tag of its own: it belongs to the org because of its VPC.
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.9.1.0/24" }));
  const subnetId = keep("subnet", Subnet?.SubnetId, (id) =>
    ec2.send(new DeleteSubnetCommand({ SubnetId: id })),
  );
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  keep("route table", RouteTable?.RouteTableId, (id) =>
    ec2.send(new DeleteRouteTableCommand({ RouteTableId: id })),
  );
  const { InternetGateway } = await ec2.send(
    new CreateInternetGatewayCommand(specOf("internet-gateway", org)),
  );
  const gateway = keep("internet gateway", InternetGateway?.InternetGatewayId, async (InternetGatewayId) => {
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
  });
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId }));
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: "g", Description: "g", VpcId }),
  );
  keep("security group", GroupId, (id) => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })));
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: "com.amazonaws.us-east-1.s3",
      VpcEndpointType: "Gateway",
    }),
  );
  keep("VPC endpoint", VpcEndpoint?.VpcEndpointId, (id) =>
    ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] })),
  );
  const address = await ec2.send(new AllocateAddressCommand({ Domain: "vpc", ...specOf("elastic-ip", org) }));
  const AllocationId = keep("elastic IP", address.AllocationId, (id) =>
    ec2.send(new ReleaseAddressCommand({ AllocationId: id })),
  );
  const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId }));
  keep("NAT gateway", NatGateway?.NatGatewayId, (id) =>
    ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id })),
  );
  const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnetId }));
  keep("network interface", NetworkInterface?.NetworkInterfaceId, (id) =>
    ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
  );
  return { id: VpcId, subnetId };
}

async function makeCompute(
  ec2: EC2Client,
  scaling: AutoScalingClient,
  org: string,
  SubnetId: string,
  keep: Made,
) {
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `lt-${org}`,
      LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "c5.xlarge" },
      ...specOf("launch-template", org),
    }),
  );
  const LaunchTemplateId = keep("launch template", LaunchTemplate?.LaunchTemplateId, (id) =>
    ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
  );
  const { PlacementGroup } = await ec2.send(
    new CreatePlacementGroupCommand({ GroupName: `muster-${org}-one` }),
  );
  keep("placement group", PlacementGroup?.GroupId, () =>
    ec2.send(new DeletePlacementGroupCommand({ GroupName: `muster-${org}-one` })),
  );
  const AutoScalingGroupName = `group-${org}`;
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 0,
      LaunchTemplate: { LaunchTemplateId },
      VPCZoneIdentifier: SubnetId,
      Tags: [{ Key: TAG.ORG, Value: org, PropagateAtLaunch: true }],
    }),
  );
  keep("Auto Scaling group", AutoScalingGroupName, () =>
    scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })),
  );
  const { VolumeId } = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "us-east-1a", Size: 1, ...specOf("volume", org) }),
  );
  keep("volume", VolumeId, (id) => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1, SubnetId }),
  );
  keep("instance", Instances?.[0]?.InstanceId, (id) =>
    ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  );
}

async function makeStorage(settings: ClientSettings, org: string, SubnetId: string, keep: Made) {
  const efs = new EFSClient(settings);
  const system = await efs.send(new CreateFileSystemCommand({ CreationToken: org, Tags: tagsOf(org) }));
  const FileSystemId = keep("file system", system.FileSystemId, (id) =>
    efs.send(new DeleteFileSystemCommand({ FileSystemId: id })),
  );
  const target = await efs.send(new CreateMountTargetCommand({ FileSystemId, SubnetId }));
  keep("mount target", target.MountTargetId, (id) =>
    efs.send(new DeleteMountTargetCommand({ MountTargetId: id })),
  );
  const point = await efs.send(new CreateAccessPointCommand({ ClientToken: org, FileSystemId }));
  keep("file system access point", point.AccessPointId, (id) =>
    efs.send(new DeleteAccessPointCommand({ AccessPointId: id })),
  );
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  for (const Bucket of [`tagged-of-${org}`, `muster-${org}-logs-1`]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    keep("bucket", Bucket, () => s3.send(new DeleteBucketCommand({ Bucket })));
  }
  const Tagging = { TagSet: tagsOf(org) };
  await s3.send(new PutBucketTaggingCommand({ Bucket: `tagged-of-${org}`, Tagging }));
  const dynamo = new DynamoDBClient(settings);
  const TableName = tableName(org);
  await createRegistryTable({ client: settings }, org);
  keep("table", TableName, () => dynamo.send(new DeleteTableCommand({ TableName })));
}

async function makeAccountThings(settings: ClientSettings, org: string, keep: Made): Promise<string> {
  const iam = new IAMClient(settings);
  const Path = `/muster/${org}/one/`;
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  const RoleName = `role-${org}`;
  await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: document }));
  keep("role", RoleName, () => iam.send(new DeleteRoleCommand({ RoleName })));
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
  });
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: `policy-${org}`, Path, PolicyDocument }),
  );
  keep("policy", Policy?.PolicyName, () =>
    iam.send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn ?? "" })),
  );
  const InstanceProfileName = `profile-${org}`;
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Path }));
  keep("instance profile", InstanceProfileName, () =>
    iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
  );
  const ssm = new SSMClient(settings);
  const Name = `/muster/${org}/clusters/1/secret`;
  await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: "x" }));
  keep("parameter", Name, () => ssm.send(new DeleteParameterCommand({ Name })));
  const logs = new CloudWatchLogsClient(settings);
  const logGroupName = `group-of-${org}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { [TAG.ORG]: org } }));
  keep("log group", logGroupName, () => logs.send(new DeleteLogGroupCommand({ logGroupName })));
  const kms = new KMSClient(settings);
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Tags: [{ TagKey: TAG.ORG, TagValue: org }] }),
  );
  const keyId = keep("key", KeyMetadata?.KeyId, (KeyId) =>
    kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
  );
  const AliasName = `alias/muster-${org}`;
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
  keep("key alias", AliasName, () => kms.send(new DeleteAliasCommand({ AliasName })));
  return keyId;
}
