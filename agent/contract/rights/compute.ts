import {
  EVERYTHING,
  globalArn,
  HAS_TAG,
  IN_REGION,
  MADE_WITH_TAG,
  partitionOf,
  type RightGroup,
  regionalArn,
  WITHIN_BOUNDARY,
} from "./right.js";

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
export const SCALING_RIGHTS: readonly RightGroup[] = [
  {
    sid: "ScalingLook",
    on: "all, which is not narrower with AWS",
    only: "in the org's region",
    resources: EVERYTHING,
    condition: IN_REGION,
    actions: [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeScheduledActions",
    ],
  },
  {
    sid: "ScalingMake",
    on: "groups `muster-*`",
    only: "with the org's tag",
    resources: (place) => [
      regionalArn(place, "autoscaling", "autoScalingGroup:*:autoScalingGroupName/muster-*"),
    ],
    condition: MADE_WITH_TAG,
    actions: ["autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags"],
  },
  {
    sid: "ScalingChange",
    on: "groups `muster-*`",
    only: "with the org's tag",
    resources: (place) => [
      regionalArn(place, "autoscaling", "autoScalingGroup:*:autoScalingGroupName/muster-*"),
    ],
    condition: HAS_TAG,
    actions: [
      "autoscaling:DeleteAutoScalingGroup",
      "autoscaling:DeleteScheduledAction",
      "autoscaling:DeleteTags",
      "autoscaling:PutScheduledUpdateGroupAction",
      "autoscaling:ResumeProcesses",
      "autoscaling:SetDesiredCapacity",
      "autoscaling:SuspendProcesses",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
      "autoscaling:UpdateAutoScalingGroup",
    ],
  },
];

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const IAM_RIGHTS: readonly RightGroup[] = [
  {
    sid: "IamLook",
    on: "all, which is not narrower with AWS",
    resources: EVERYTHING,
    actions: ["iam:ListInstanceProfiles", "iam:ListPolicies", "iam:ListRoles", "sts:GetCallerIdentity"],
  },
  {
    // What would give a role more than the boundary leaves: IAM knows the key for these. Nothing allows to take the boundary away.
    sid: "IamRoles",
    on: "roles below `/muster/ORG/`",
    only: "with the permissions boundary, where muster.yaml has one (`account.permissionsBoundaryArn`)",
    resources: (place) => [globalArn(place, "iam", `role/muster/${place.org}/*`)],
    condition: WITHIN_BOUNDARY,
    actions: ["iam:CreateRole", "iam:PutRolePolicy"],
  },
  {
    sid: "IamNodes",
    on: "roles and instance profiles below `/muster/ORG/`",
    resources: (place) =>
      ["role", "instance-profile"].map((type) => globalArn(place, "iam", `${type}/muster/${place.org}/*`)),
    actions: [
      "iam:AddRoleToInstanceProfile",
      "iam:CreateInstanceProfile",
      "iam:DeleteInstanceProfile",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:GetInstanceProfile",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile",
      "iam:TagRole",
      "iam:UntagInstanceProfile",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ],
  },
  {
    // Muster makes none; a cleanup removes those of the org's path.
    sid: "IamPolicies",
    on: "policies below `/muster/ORG/`",
    resources: (place) => [globalArn(place, "iam", `policy/muster/${place.org}/*`)],
    actions: ["iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:ListPolicyTags", "iam:ListPolicyVersions"],
  },
  {
    sid: "IamPassToNodes",
    on: "roles below `/muster/ORG/`",
    only: "to EC2",
    resources: (place) => [globalArn(place, "iam", `role/muster/${place.org}/*`)],
    condition: ({ region }) => ({
      StringEquals: {
        "iam:PassedToService":
          partitionOf(region) === "aws-cn" ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com",
      },
    }),
    actions: ["iam:PassRole"],
  },
  {
    // The first group or file system of an account makes the service's own role.
    sid: "IamServiceRoles",
    on: "the roles that Auto Scaling and EFS have themselves",
    resources: (place) => [globalArn(place, "iam", "role/aws-service-role/*")],
    only: "for these two services",
    condition: () => ({
      StringEquals: {
        "iam:AWSServiceName": ["autoscaling.amazonaws.com", "elasticfilesystem.amazonaws.com"],
      },
    }),
    actions: ["iam:CreateServiceLinkedRole"],
  },
  {
    sid: "IamCheck",
    on: "the role itself, below `/muster-account/`",
    resources: (place) => [globalArn(place, "iam", "role/muster-account/*")],
    actions: ["iam:SimulatePrincipalPolicy"],
  },
];
