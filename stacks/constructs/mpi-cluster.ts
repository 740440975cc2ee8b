import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group/index.js";
import { PlacementGroup } from "@cdktf/provider-aws/lib/placement-group/index.js";
import { Construct } from "constructs";
import { TAG } from "../../agent/contract/names.js";
import { MusterClusterResource, MusterFleetResource } from "../../provider/bindings/index.js";
import { type ClusterInput, completeCluster } from "../config/cluster.js";
import type { ClusterSettings } from "../config/schema.js";
import type { OrgResources } from "../org-resources.js";
import { NodeRole } from "./node-role.js";
import { NodeTemplate } from "./node-template.js";
import { renderUserData } from "./user-data.js";

/** The cluster's settings are those of muster.yaml, with its defaults: see stacks/muster.schema.json. */
export interface MpiClusterProps extends ClusterInput {
  readonly orgName: string;
  readonly region: string;
  readonly org: OrgResources;
}

/**
 * An MPI cluster: identical nodes, close together in one placement group and zone, that are ready when this has been
 * applied. Everything hangs on the fleet's end of one chain of references, so destroy drains the fleet first, then
 * removes group, template and role, and forgets the cluster last. Fails with ConfigError on bad settings.
 */
export class MpiCluster extends Construct {
  /** Made at the first apply; names whatever is the cluster's own. */
  readonly uuid: string;
  readonly fleet: MusterFleetResource;

  constructor(scope: Construct, id: string, props: MpiClusterProps) {
    super(scope, id);
    const { orgName, region, org, ...input } = props;
    const settings = completeCluster(input);
    const cluster = new MusterClusterResource(this, "cluster", {
      name: settings.name,
      tags: { ...settings.tags },
    });
    this.uuid = cluster.uuid;
    const tags = {
      ...settings.tags,
      [TAG.ORG]: orgName,
      [TAG.CLUSTER]: cluster.uuid,
      [TAG.CLUSTER_NAME]: settings.name,
      Name: `muster-${orgName}-${settings.name}`,
    };
    const group = this.nodeGroup(props, settings, tags);
    this.fleet = new MusterFleetResource(this, "fleet", {
      clusterUuid: cluster.uuid,
      autoscalingGroup: group.name,
      nodes: settings.nodes,
      timeouts: {
        create: `${settings.timeoutMinutes.create}m`,
        update: `${settings.timeoutMinutes.update}m`,
        delete: `${settings.timeoutMinutes.delete}m`,
      },
    });
  }

  private nodeGroup(
    { orgName, region, org }: MpiClusterProps,
    settings: ClusterSettings,
    tags: Readonly<Record<string, string>>,
  ): AutoscalingGroup {
    const clusterUuid = this.uuid;
    const name = `muster-${settings.name}-${clusterUuid}`;
    const role = new NodeRole(this, "role", {
      orgName,
      region,
      org,
      clusterUuid,
      clusterName: settings.name,
      tags,
    });
    const template = new NodeTemplate(this, "template", {
      name,
      settings,
      tags,
      instanceProfileName: role.instanceProfileName,
      securityGroupId: org.nodesGroupId,
      userData: renderUserData({
        org: orgName,
        clusterUuid,
        clusterName: settings.name,
        fileSystemId: org.fileSystemId,
        accessPointId: org.accessPointId,
        logBucket: org.logBucketName,
      }),
    });
    const placement = new PlacementGroup(this, "placement", { name, strategy: "cluster", tags: { ...tags } });
    return new AutoscalingGroup(this, "group", {
      name,
      minSize: 0,
      maxSize: settings.nodes,
      // A cluster placement group is within one zone.
      vpcZoneIdentifier: [org.privateSubnetIds[settings.zone - 1] ?? ""],
      placementGroup: placement.name,
      launchTemplate: { id: template.id, version: template.version },
      healthCheckType: "EC2",
      // The fleet sets the size and waits for the nodes; Terraform does neither. The maximum is the fleet's too: lowered
      // here, before the fleet has told the head of the new size, it would end nodes that are still in use.
      waitForCapacityTimeout: "0",
      lifecycle: { ignoreChanges: ["desired_capacity", "max_size"] },
      // Would end healthy nodes to even out zones: here there is one.
      suspendedProcesses: ["AZRebalance"],
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [...role.dependables],
    });
  }
}
