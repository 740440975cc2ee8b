import {
  EVERYTHING,
  HAS_TAG,
  IN_REGION,
  MADE_WITH_TAG,
  partitionOf,
  type RightGroup,
  type RightsPlace,
  regionalArn,
} from "./right.js";

const ec2 =
  (...types: readonly string[]) =>
  (place: RightsPlace): readonly string[] =>
    types.map((type) => regionalArn(place, "ec2", `${type}/*`));

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/copy-ami-permissions.html */
const imagesAnywhere = ({ region }: RightsPlace): readonly string[] =>
  ["image", "snapshot"].map((type) => `arn:${partitionOf(region)}:ec2:*::${type}/*`);

/** What is made with a tag. Its parents are in "Ec2Within": AWS checks the tag on what is new only. */
const MADE = [
  "CreateFlowLogs",
  "CreateInternetGateway",
  "CreateLaunchTemplate",
  "CreateNatGateway",
  "CreatePlacementGroup",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
  "CreateVpcEndpoint",
  "AllocateAddress",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
] as const;

/**
 * EC2: networks and what nodes start from.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const EC2_RIGHTS: readonly RightGroup[] = [
  {
    sid: "Ec2Look",
    on: "all, which is not narrower with AWS",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: [
      "ec2:DescribeAddresses",
      "ec2:DescribeAddressesAttribute",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeFlowLogs",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypeOfferings",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstances",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeNatGateways",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribePlacementGroups",
      "ec2:DescribePrefixLists",
      "ec2:DescribeRegions",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroupRules",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSnapshots",
      "ec2:DescribeSubnets",
      "ec2:DescribeVolumes",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
      "ec2:GetEbsDefaultKmsKeyId",
    ],
  },
  {
    sid: "Ec2Make",
    on: "what is made",
    only: "with the org's tag",
    resources: ec2(
      "elastic-ip",
      "internet-gateway",
      "launch-template",
      "natgateway",
      "placement-group",
      "route-table",
      "security-group",
      "security-group-rule",
      "subnet",
      "vpc",
      "vpc-endpoint",
      "vpc-flow-log",
    ),
    condition: MADE_WITH_TAG,
    actions: MADE.map((name) => `ec2:${name}`),
  },
  {
    // A network that exists has no tag of the org's.
    sid: "Ec2Within",
    on: "the networks, subnets, addresses and route tables that something is made in",
    resources: ec2("elastic-ip", "route-table", "subnet", "vpc"),
    actions: [
      "ec2:CreateFlowLogs",
      "ec2:CreateNatGateway",
      "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet",
      "ec2:CreateVpcEndpoint",
      "ec2:ModifyVpcEndpoint",
    ],
  },
  {
    sid: "Ec2Change",
    on: "what has the org's tag",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: HAS_TAG,
    actions: [
      "ec2:AssociateRouteTable",
      "ec2:AttachInternetGateway",
      "ec2:AuthorizeSecurityGroupEgress",
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateLaunchTemplateVersion",
      "ec2:CreateRoute",
      "ec2:CreateTags",
      "ec2:DeleteFlowLogs",
      "ec2:DeleteInternetGateway",
      "ec2:DeleteLaunchTemplate",
      "ec2:DeleteNatGateway",
      "ec2:DeletePlacementGroup",
      "ec2:DeleteRoute",
      "ec2:DeleteRouteTable",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteSnapshot",
      "ec2:DeleteSubnet",
      "ec2:DeleteTags",
      "ec2:DeleteVolume",
      "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints",
      "ec2:DeregisterImage",
      "ec2:DetachInternetGateway",
      "ec2:DisassociateAddress",
      "ec2:DisassociateRouteTable",
      "ec2:GetConsoleOutput",
      "ec2:ModifyLaunchTemplate",
      "ec2:ModifySecurityGroupRules",
      "ec2:ModifySubnetAttribute",
      "ec2:ModifyVpcAttribute",
      "ec2:ModifyVpcEndpoint",
      "ec2:ReleaseAddress",
      "ec2:ReplaceRoute",
      "ec2:ReplaceRouteTableAssociation",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
      "ec2:TerminateInstances",
    ],
  },
  {
    // The rules that AWS gives a new group have no tag; the group itself must have it (Ec2Change).
    sid: "Ec2UntaggedRules",
    on: "rules of security groups",
    resources: ec2("security-group-rule"),
    actions: [
      "ec2:ModifySecurityGroupRules",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
    ],
  },
  {
    sid: "Ec2TagNew",
    on: "what is made in the same call",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: (place) => ({
      StringEquals: {
        ...MADE_WITH_TAG(place).StringEquals,
        "ec2:CreateAction": [...MADE, "CopyImage", "CreateImage", "RunInstances"],
      },
    }),
    actions: ["ec2:CreateTags"],
  },
  {
    // A new VPC brings its default group, which has no tag and whose id is not known before.
    sid: "Ec2TagDefaultGroup",
    on: "security groups",
    only: "with the org's tag",
    resources: ec2("security-group"),
    condition: MADE_WITH_TAG,
    actions: ["ec2:CreateTags"],
  },
  {
    // EFS makes and removes the interfaces of mount targets in the caller's name, without tags.
    sid: "Ec2MountTargets",
    on: "network interfaces, subnets and security groups",
    resources: ec2("network-interface", "subnet", "security-group"),
    actions: ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
  },
  {
    // Auto Scaling checks that who makes a group may start its instances. The preflight's dry run has no launch template: there is none yet.
    sid: "Ec2Launch",
    on: "all that an instance needs",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: ["ec2:RunInstances"],
  },
  {
    // Images have copies in other regions.
    sid: "Ec2ImagesLook",
    on: "all, which is not narrower with AWS",
    resources: EVERYTHING,
    actions: [
      "ec2:DescribeImageAttribute",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:GetEbsEncryptionByDefault",
    ],
  },
  {
    sid: "Ec2ImagesMake",
    on: "images and snapshots, in all regions",
    only: "with the org's tag",
    resources: imagesAnywhere,
    condition: MADE_WITH_TAG,
    actions: ["ec2:CopyImage", "ec2:CreateImage"],
  },
  {
    // The builder, and what is copied. AWS checks them beside what is made.
    sid: "Ec2ImagesFrom",
    on: "instances, images and snapshots, in all regions",
    only: "with the org's tag",
    resources: EVERYTHING,
    condition: HAS_TAG,
    actions: ["ec2:CopyImage", "ec2:CreateImage", "ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"],
  },
];
