import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group/index.js";
import { PlacementGroup } from "@cdktf/provider-aws/lib/placement-group/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AgentConfig } from "../../agent/contract/agent-config.js";
import { TAG, tableName } from "../../agent/contract/names.js";
import { MusterClusterResource, MusterFleetResource } from "../../provider/bindings/index.js";
import { isPublic } from "../config/access.js";
import { type ClusterInput, completeCluster } from "../config/cluster.js";
import { runtimeOf, typesOf, zonesOf } from "../config/fleet.js";
import type { PreflightSettings } from "../config/preflight.js";
import type { ClusterSettings } from "../config/schema.js";
import { budgetOf } from "./budget-price.js";
import { ClusterFolders } from "./cluster-folders.js";
import { ClusterMonitoring, GROUP_METRICS } from "./cluster-monitoring.js";
import type { ClusterResources } from "./cluster-resources.js";
import { launchOf } from "./node-launch.js";
import { bootScriptOf, nodeOptions } from "./node-options.js";
import { NodeRole } from "./node-role.js";
import { NodeSecurity } from "./node-security.js";
import { NodeTemplate } from "./node-template.js";
import type { OrgResources } from "./org-resources.js";
import { preflightOf } from "./preflight.js";
import { renderUserData } from "./user-data.js";

/** The cluster's settings are those of muster.yaml, with its defaults: see stacks/muster.schema.json. */
export interface MpiClusterProps extends ClusterInput {
  readonly orgName: string;
  readonly region: string;
  readonly org: OrgResources;
  /** The text of `bootScript.file`: needed where that is given. */
  readonly bootScriptText?: string;
  /**
   * Whether the network has gateway endpoints for S3 and DynamoDB, which nodes then reach without the proxy.
   * @default true
   */
  readonly hasEndpoints?: boolean;
  /**
   * What must be there before the cluster is, and until it is gone: the org's guard, where that is in the same stack.
   * @default nothing: the org has a stack of its own
   */
  readonly after?: readonly ITerraformDependable[];
  /**
   * When to refuse a destroy while notebooks are attached: "apply", for notebooks in the same stack, or "plan".
   * @default "apply"
   */
  readonly refuseAt?: "apply" | "plan";
  /**
   * What a plan checks of the account.
   * @default everything
   */
  readonly preflight?: PreflightSettings;
}

type NamedTags = Readonly<Record<"Name", string>> & Readonly<Record<string, string>>;

interface Nodes {
  readonly template: NodeTemplate;
  readonly resources: Omit<ClusterResources, "uuid" | "autoscalingGroup">;
  /** Resources that must exist before the first node starts, and until the last has terminated. */
  readonly dependables: readonly ITerraformDependable[];
}

/**
 * An MPI cluster: identical nodes, close together in one placement group and zone (unless the settings say both zones), which are
 * ready when this has been applied.
 * The fleet is at the end of one chain of references. So destroy drains the fleet first, then removes group, template, role,
 * security group and access points, and removes the cluster last. Throws ConfigError for invalid settings.
 */
export class MpiCluster extends Construct {
  /** Made at the first apply; part of the names of the cluster's resources. */
  readonly uuid: string;
  readonly fleet: MusterFleetResource;
  /** The name of the nodes' Auto Scaling group. */
  readonly autoscalingGroup: string;
  /** What its notebooks use. */
  readonly resources: ClusterResources;
  readonly settings: ClusterSettings;
  readonly bootScriptText: string | undefined;

  constructor(scope: Construct, id: string, props: MpiClusterProps) {
    super(scope, id);
    const { orgName, region, org, bootScriptText, hasEndpoints, refuseAt, preflight, after, ...input } =
      props;
    const settings = completeCluster(input);
    this.settings = settings;
    this.bootScriptText = bootScriptText;
    const budget = budgetOf(this, settings);
    const cluster = new MusterClusterResource(this, "cluster", {
      name: settings.name,
      ...(settings.idleTimeoutMinutes === undefined
        ? {}
        : { idleTimeoutMinutes: settings.idleTimeoutMinutes }),
      countSshSessions: settings.countSshSessions,
      resumeOnJob: settings.resumeOnJob,
      shareWithNotebooks: settings.shareWithNotebooks,
      ...(budget === undefined ? {} : { budget }),
      ...(refuseAt === undefined ? {} : { refuseAt }),
      tags: { ...settings.tags },
      ...(after === undefined ? {} : { dependsOn: [...after] }),
    });
    this.uuid = cluster.uuid;
    const tags = {
      ...settings.tags,
      [TAG.ORG]: orgName,
      [TAG.CLUSTER]: cluster.uuid,
      [TAG.CLUSTER_NAME]: settings.name,
      Name: `muster-${orgName}-${settings.name}`,
    };
    const nodes = this.nodes(props, settings, tags);
    const group = this.nodeGroup(nodes, org, settings, tags);
    this.autoscalingGroup = group.name;
    this.resources = { ...nodes.resources, uuid: cluster.uuid, autoscalingGroup: group.name };
    if (settings.monitoring !== undefined) {
      new ClusterMonitoring(this, "monitoring", {
        ...{ settings: settings.monitoring, tags, region },
        name: `muster-${orgName}-${settings.name}-${cluster.uuid}`,
        group: group.name,
        table: tableName(orgName),
        fileSystemId: org.fileSystemId,
      });
    }
    this.fleet = new MusterFleetResource(this, "fleet", {
      clusterUuid: cluster.uuid,
      autoscalingGroup: group.name,
      nodes: settings.nodes,
      // The addresses of fleet and cluster change together, so this fleet is destroyed for good only with its cluster.
      emptySharedOnDestroy: true,
      timeouts: {
        create: `${settings.timeoutMinutes.create}m`,
        update: `${settings.timeoutMinutes.update}m`,
        delete: `${settings.timeoutMinutes.delete}m`,
      },
    });
  }

  /** The launch template, with the cluster's own folders, role and security group. */
  private nodes(
    { orgName, region, org, bootScriptText, hasEndpoints = true, preflight = ALL_CHECKS }: MpiClusterProps,
    settings: ClusterSettings,
    tags: NamedTags,
  ): Nodes {
    const clusterUuid = this.uuid;
    const clusterName = settings.name;
    const folders = new ClusterFolders(this, "folders", {
      clusterUuid,
      fileSystemId: org.fileSystemId,
      tags,
    });
    const ownArns = [folders.shared.accessPointArn, folders.agents.accessPointArn];
    const accessPointArns = settings.orgFolder ? [...ownArns, org.orgAccessPointArn] : ownArns;
    const who = { orgName, region, clusterUuid, clusterName };
    const { sourceBuckets, gitCredentials, jobRoleArn } = settings;
    const role = new NodeRole(this, "role", {
      ...{ ...who, org, accessPointArns, tags },
      ...{ sourceBuckets, gitCredentials, jobRoleArn },
      autoscalingGroups: [this.nodesName(settings)],
    });
    const security = new NodeSecurity(this, "security", {
      name: `muster-${orgName}-${clusterName}-${clusterUuid}`,
      description: `Nodes of the Muster cluster ${clusterName} of org ${orgName}: each other, and outward`,
      vpcId: org.vpcId,
      sshFrom: settings.access.allowFrom,
      tags,
    });
    const template = new NodeTemplate(this, "template", {
      name: this.nodesName(settings),
      settings,
      tags,
      instanceProfileName: role.instanceProfileName,
      hasPublicAddress: isPublic(settings.access),
      preflight: (imageId) => preflightOf(this, clusterAsk(settings, org, imageId), preflight),
      securityGroupIds: [security.groupId, org.fileSystemClientsGroupId],
      userData: renderUserData(
        {
          kind: "worker",
          runtime: runtimeOf(settings),
          ...nodeOptions(settings, { region, hasEndpoints }),
          org: orgName,
          clusterUuid,
          clusterName,
          fileSystemId: org.fileSystemId,
          accessPointId: folders.shared.accessPointId,
          agentsAccessPointId: folders.agents.accessPointId,
          ...(settings.orgFolder ? { orgAccessPointId: org.orgAccessPointId } : {}),
          logBucket: org.logBucketName,
          replacement: inSeconds(settings.replacement),
          ...(jobRoleArn === undefined ? {} : { jobRoleArn }),
          ...(settings.httpProbes ? { httpProbes: true } : {}),
          ...(settings.access.sshKeys.length === 0 ? {} : { sshKeys: [...settings.access.sshKeys] }),
        },
        bootScriptOf(settings, bootScriptText),
      ),
    });
    const resources = {
      nodeRoleName: role.roleName,
      nodeSecurityGroupId: security.groupId,
      sharedAccessPointId: folders.shared.accessPointId,
      sharedAccessPointArn: folders.shared.accessPointArn,
      agentsAccessPointId: folders.agents.accessPointId,
      agentsAccessPointArn: folders.agents.accessPointArn,
    };
    return { template, resources, dependables: [...role.dependables, ...security.dependables] };
  }

  private nodesName({ name }: ClusterSettings): string {
    return `muster-${name}-${this.uuid}`;
  }

  private nodeGroup(
    { template, dependables }: Nodes,
    org: OrgResources,
    settings: ClusterSettings,
    tags: NamedTags,
  ): AutoscalingGroup {
    const name = this.nodesName(settings);
    const zones = zonesOf(settings);
    // A cluster placement group is within one zone.
    const placement =
      zones.length > 1
        ? undefined
        : new PlacementGroup(this, "placement", { name, strategy: "cluster", tags: { ...tags } });
    return new AutoscalingGroup(this, "group", {
      name,
      minSize: 0,
      maxSize: settings.nodes,
      vpcZoneIdentifier: subnetsOf(settings, org),
      ...(placement === undefined ? {} : { placementGroup: placement.name }),
      ...launchOf(template, settings),
      ...(settings.monitoring === undefined ? {} : GROUP_METRICS),
      healthCheckType: "EC2",
      // The fleet sets the size and waits for the nodes; Terraform does neither. The fleet owns the maximum too: if Terraform
      // lowered it before the head knows the new size, the group would terminate nodes that are still in use.
      waitForCapacityTimeout: "0",
      lifecycle: { ignoreChanges: ["desired_capacity", "max_size"] },
      // It would terminate healthy nodes to balance zones.
      suspendedProcesses: ["AZRebalance"],
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [...dependables],
    });
  }
}

const ALL_CHECKS: PreflightSettings = { enabled: true, skip: [] };

/** The subnets of the nodes. */
function subnetsOf(settings: ClusterSettings, org: OrgResources): string[] {
  const subnets = isPublic(settings.access) ? org.publicSubnetIds : org.privateSubnetIds;
  return zonesOf(settings).map((zone) => subnets[zone - 1] ?? "");
}

/** What the preflight has to know of the cluster. */
const clusterAsk = (settings: ClusterSettings, org: OrgResources, imageId: string) => ({
  cluster: settings.name,
  nodes: settings.nodes,
  instanceTypes: typesOf(settings),
  ...(settings.spot ? { spot: true } : {}),
  ...(settings.efa ? { efa: true } : {}),
  imageId,
  rootVolumeGib: settings.rootVolumeGiB,
  subnetIds: subnetsOf(settings, org),
  placementGroup: zonesOf(settings).length === 1,
});

const inSeconds = ({
  afterMinutes,
  bootMinutes,
  perHour,
}: ClusterSettings["replacement"]): NonNullable<AgentConfig["replacement"]> => ({
  afterSeconds: Math.round(60 * afterMinutes),
  bootSeconds: Math.round(60 * bootMinutes),
  ...(perHour === undefined ? {} : { perHour }),
});
