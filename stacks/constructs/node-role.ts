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

/** What the role is called. The instance profile has the same name and path. */
export interface RoleIdentity {
  readonly name: string;
  readonly path: string;
  readonly description: string;
}

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
  /** The names of the Auto Scaling groups whose size they may set. */
  readonly autoscalingGroups: readonly string[];
  /** @default those of the cluster's own nodes */
  readonly identity?: RoleIdentity;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The permissions of a cluster's nodes (see nodePolicy). Each cluster has its own role, so it can't read another's secret or
 * change its registry items. The names end in the UUID because all regions share IAM's names.
 */
export class NodeRole extends Construct {
  readonly instanceProfileName: string;
  readonly roleName: string;
  /** Resources that must exist before the first node starts, and until the last has terminated. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    const { name, path, description } = props.identity ?? identityOfNodes(props);
    const { accountId } = new DataAwsCallerIdentity(this, "account", {});
    const { partition, dnsSuffix } = new DataAwsPartition(this, "partition", {});
    const role = new IamRole(this, "role", {
      name,
      path,
      description,
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
    const { autoscalingGroups } = props;
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
          autoscalingGroups,
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
    this.roleName = role.name;
    this.dependables = [policy, profile];
  }
}

const identityOfNodes = ({ orgName, clusterName, clusterUuid }: NodeRoleProps): RoleIdentity => ({
  name: `muster-${clusterUuid}`,
  path: `/muster/${orgName}/${clusterName}/`,
  description: `Nodes of the Muster cluster ${clusterName} of org ${orgName}`,
});
