import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { BUILDS_PREFIX, RECIPES_PREFIX } from "../../agent/contract/image/names.js";
import { partitionOf } from "../../agent/contract/rights/right.js";
import type { OrgResources } from "./org-resources.js";
import { type PolicyStatement, renderPolicy } from "./policy.js";

export interface ImageBuilderProps {
  readonly orgName: string;
  readonly region: string;
  readonly family: string;
  readonly org: Pick<OrgResources, "keyArn" | "logBucketArn" | "vpcId">;
}

/**
 * What a builder of a family runs with: a role that reads recipes and steps and puts reports, and no more, and a security group that lets
 * nothing in. Names carry the region, because all regions share IAM's names.
 */
export class ImageBuilder extends Construct {
  readonly instanceProfileName: string;
  readonly securityGroupId: string;
  /** What must exist before a builder starts. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ImageBuilderProps) {
    super(scope, id);
    const { orgName, region, family, org } = props;
    const name = `muster-${orgName}-builder-${family}`.slice(0, 48);
    const path = `/muster/${orgName}/`;
    const dnsSuffix = partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
    const role = new IamRole(this, "role", {
      name: `${name}-${region}`.slice(0, 64),
      path,
      description: `Builders of the Muster image ${family} of org ${orgName}`,
      assumeRolePolicy: renderPolicy([
        {
          Sid: "Instances",
          Effect: "Allow",
          Principal: { Service: `ec2.${dnsSuffix}` },
          Action: "sts:AssumeRole",
        },
      ]),
    });
    const policy = new IamRolePolicy(this, "policy", {
      name: "builder",
      role: role.name,
      policy: renderPolicy(builderPolicy(props, dnsSuffix)),
    });
    const profile = new IamInstanceProfile(this, "profile", { name: role.name, path, role: role.name });
    const group = new SecurityGroup(this, "group", {
      name,
      description: `Builders of the Muster image ${family}`,
      vpcId: org.vpcId,
      tags: { Name: name },
    });
    const outward = new VpcSecurityGroupEgressRule(this, "outward", {
      description: "Outward: AWS, package indexes",
      securityGroupId: group.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
    });
    this.instanceProfileName = profile.name;
    this.securityGroupId = group.id;
    this.dependables = [policy, profile, outward];
  }
}

/** Everything that a builder may do in the account. Pure. */
function builderPolicy({ region, family, org }: ImageBuilderProps, dnsSuffix: string): PolicyStatement[] {
  const builds = `${org.logBucketArn}/${BUILDS_PREFIX}${family}-*`;
  return [
    {
      Sid: "Recipe",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [`${org.logBucketArn}/${RECIPES_PREFIX}*`, `${builds}/steps/*`],
    },
    { Sid: "Report", Effect: "Allow", Action: ["s3:PutObject"], Resource: [`${builds}/report.json`] },
    {
      Sid: "BucketKey",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: [org.keyArn],
      Condition: { StringEquals: { "kms:ViaService": `s3.${region}.${dnsSuffix}` } },
    },
  ];
}
