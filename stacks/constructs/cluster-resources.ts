import type { TerraformRemoteState } from "cdktf";

/** What of a cluster its notebooks use. Each value may be a Terraform reference. */
export interface ClusterResources {
  readonly uuid: string;
  /** The IAM role of its nodes. */
  readonly nodeRoleName: string;
  /** Its nodes, and its notebooks', are in it. */
  readonly nodeSecurityGroupId: string;
  /** The name of the Auto Scaling group of its nodes. */
  readonly autoscalingGroup: string;
  readonly sharedAccessPointId: string;
  readonly sharedAccessPointArn: string;
  readonly agentsAccessPointId: string;
  readonly agentsAccessPointArn: string;
}

/** The ClusterStack's outputs of them, in Terraform's spelling. */
export const clusterOutputNames = {
  uuid: "uuid",
  nodeRoleName: "node_role_name",
  nodeSecurityGroupId: "node_security_group_id",
  autoscalingGroup: "autoscaling_group",
  sharedAccessPointId: "shared_access_point_id",
  sharedAccessPointArn: "shared_access_point_arn",
  agentsAccessPointId: "agents_access_point_id",
  agentsAccessPointArn: "agents_access_point_arn",
} as const satisfies Record<keyof ClusterResources, string>;

/** A cluster's resources from its state, which says the same at destroy even if somebody removed resources by hand. */
export const clusterResourcesFrom = (state: TerraformRemoteState): ClusterResources =>
  Object.fromEntries(
    Object.entries(clusterOutputNames).map(([key, output]) => [key, state.getString(output)]),
  ) as Record<keyof ClusterResources, string>;
