import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { nodePolicy } from "./node-policy.js";
import type { OrgResources } from "./org-resources.js";
import { renderPolicy } from "./policy.js";

export interface NodeRoleProps {
  readonly orgName: string;
  readonly region: string;
  readonly clusterName: string;
  readonly clusterUuid: string;
  readonly org: OrgResources;
  /** Of the folders that the nodes mount. */
  readonly accessPointArns: readonly string[];
  /** Other buckets, and Git credentials of the org, that jobs' sources may use. */
  readonly sourceBuckets: readonly string[];
  readonly gitCredentials: readonly string[];
  /** The role that jobs get; undefined: none. */
  readonly jobRoleArn: string | undefined;
  /** The name of the Auto Scaling group that its nodes are in. */
  readonly autoscalingGroup: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The permissions of a cluster's nodes (see nodePolicy). Each cluster has its own role, so it can't read another's secret or
 * change its registry items. The names end in the UUID because all regions share IAM's names.
 */
export class NodeRole extends Construct {
  readonly instanceProfileName: string;
  /** Resources that must exist before the first node starts, and until the last has terminated. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    const name = `muster-${props.clusterUuid}`;
    const path = `/muster/${props.orgName}/${props.clusterName}/`;
    const { accountId } = new DataAwsCallerIdentity(this, "account", {});
    const { partition, dnsSuffix } = new DataAwsPartition(this, "partition", {});
    const role = new IamRole(this, "role", {
      name,
      path,
      description: `Nodes of the Muster cluster ${props.clusterName} of org ${props.orgName}`,
      assumeRolePolicy: renderPolicy([
        {
          Sid: "Instances",
          Effect: "Allow",
          Principal: { Service: `ec2.${dnsSuffix}` },
          Action: "sts:AssumeRole",
        },
      ]),
      tags: { ...props.tags },
    });
    const { orgName, region, clusterUuid, org, accessPointArns, sourceBuckets, gitCredentials, jobRoleArn } =
      props;
    const { autoscalingGroup } = props;
    const policy = new IamRolePolicy(this, "policy", {
      name: "node",
      role: role.name,
      policy: renderPolicy(
        nodePolicy({
          ...org,
          orgName,
          region,
          clusterUuid,
          accessPointArns,
          sourceBuckets,
          gitCredentials,
          jobRoleArn,
          autoscalingGroup,
          accountId,
          partition,
          dnsSuffix,
        }),
      ),
    });
    const profile = new IamInstanceProfile(this, "profile", {
      name,
      path,
      role: role.name,
      tags: { ...props.tags },
    });
    // The name, not a reference: AWS takes seconds to create a profile, and the template need not wait for it.
    this.instanceProfileName = name;
    this.dependables = [policy, profile];
  }
}
