import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group/index.js";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { TAG } from "../../agent/contract/names.js";
import { notebookFolderPath, notebookStackName } from "../../agent/contract/notebook.js";
import { MusterNotebookResource } from "../../provider/bindings/index.js";
import { completeNotebook, type NotebookInput } from "../config/cluster.js";
import { runtimeOf, typesOf, zonesOf } from "../config/fleet.js";
import type { NotebookSettings } from "../config/notebook.js";
import type { ClusterSettings } from "../config/schema.js";
import type { ClusterResources } from "./cluster-resources.js";
import { FileSystemFolder } from "./file-system-folder.js";
import { bootScriptOf } from "./node-options.js";
import { NodeRole } from "./node-role.js";
import { NodeTemplate } from "./node-template.js";
import { HomeAccess } from "./notebook-home-access.js";
import { notebookConfig } from "./notebook-node.js";
import type { OrgResources } from "./org-resources.js";
import { renderUserData } from "./user-data.js";

/** The cluster that a notebook is attached to: an MpiCluster, or what its state says of it. */
export interface NotebookCluster {
  readonly resources: ClusterResources;
  /** Complete: the notebook's node has the cluster's image, runtime, proxy, boot script and job role. */
  readonly settings: ClusterSettings;
  readonly bootScriptText?: string | undefined;
}

/** The notebook's settings are those of muster.yaml, with its defaults: see stacks/muster.schema.json. */
export interface MpiNotebookProps extends NotebookInput {
  readonly orgName: string;
  readonly region: string;
  readonly org: OrgResources;
  /** Another one moves the notebook there, in place. */
  readonly cluster: NotebookCluster;
  /**
   * Whether the network has gateway endpoints for S3 and DynamoDB, which nodes then reach without the proxy.
   * @default true
   */
  readonly hasEndpoints?: boolean;
  /**
   * What must exist before the notebook, and until it is gone: where it is in the cluster's own stack, the cluster's fleet.
   * @default none
   */
  readonly after?: readonly ITerraformDependable[];
}

type Tags = Readonly<Record<"Name", string>> & Readonly<Record<string, string>>;

/**
 * A notebook: JupyterLab on a node of its own, attached to a cluster, which is ready when this has been applied. Its group, home and
 * role are named after the notebook, so that they stay when it moves to another cluster. It is at the end of one chain of
 * references: destroy ends its node first. Throws ConfigError for invalid settings.
 */
export class MpiNotebook extends Construct {
  readonly notebook: MusterNotebookResource;
  /** The name of its node's Auto Scaling group. */
  readonly autoscalingGroup: string;

  constructor(scope: Construct, id: string, props: MpiNotebookProps) {
    super(scope, id);
    const { orgName, region, org, cluster, hasEndpoints = true, after = [], ...input } = props;
    const place = { orgName, region, org, cluster, hasEndpoints };
    const settings = completeNotebook(input, typesOf(cluster.settings)[0] ?? cluster.settings.instanceType);
    const tags = {
      ...settings.tags,
      [TAG.ORG]: orgName,
      [TAG.NOTEBOOK]: settings.name,
      Name: `muster-${orgName}-notebook-${settings.name}`,
    };
    const home = new FileSystemFolder(this, "home", {
      fileSystemId: org.fileSystemId,
      path: notebookFolderPath(settings.name),
      owner: "jobs",
      permissions: "0750",
      tags: { ...tags, Name: `${tags.Name}-home` },
    });
    const access = new HomeAccess(this, "home-access", {
      notebook: settings.name,
      nodeRoleName: cluster.resources.nodeRoleName,
      fileSystemArn: org.fileSystemArn,
      homeArn: home.accessPointArn,
    });
    // Of what is made anew where the notebook moves; the rest keeps its tags.
    const attached = {
      ...tags,
      [TAG.CLUSTER]: cluster.resources.uuid,
      [TAG.CLUSTER_NAME]: cluster.settings.name,
    };
    const role = this.role(place, settings, home, tags);
    const template = this.template(place, settings, home, role, { tags: attached, ownTags: tags });
    const group = this.group(place, settings, template, role, attached);
    this.autoscalingGroup = group.name;
    this.notebook = new MusterNotebookResource(this, "notebook", {
      name: settings.name,
      clusterUuid: cluster.resources.uuid,
      autoscalingGroup: group.name,
      nodeVersion: `${template.id}/${template.version}`,
      timeouts: {
        create: `${settings.timeoutMinutes.create}m`,
        update: `${settings.timeoutMinutes.update}m`,
        delete: `${settings.timeoutMinutes.delete}m`,
      },
      dependsOn: [...access.dependables, ...after],
    });
  }

  /** As that of the cluster's nodes, with its own group and home, and without what only jobs' sources need. */
  private role(
    { orgName, region, org, cluster: { resources, settings } }: Place,
    { name }: NotebookSettings,
    home: FileSystemFolder,
    tags: Tags,
  ): NodeRole {
    const own = [resources.sharedAccessPointArn, resources.agentsAccessPointArn, home.accessPointArn];
    // All orgs and regions of an account share IAM's names, of at most 64 characters.
    const place = Fn.substr(Fn.sha256(`${orgName}/${region}`), 0, 8);
    return new NodeRole(this, "role", {
      ...{ orgName, region, org, tags },
      identity: {
        name: `muster-notebook-${name}-${place}`,
        path: `/muster/${orgName}/notebooks/`,
        description: `The node of the Muster notebook ${name} of org ${orgName}`,
      },
      clusterName: settings.name,
      clusterUuid: resources.uuid,
      accessPointArns: settings.orgFolder ? [...own, org.orgAccessPointArn] : own,
      sourceBuckets: [],
      gitCredentials: [],
      jobRoleArn: settings.jobRoleArn,
      // A job that it submits gives a parked cluster its nodes back.
      autoscalingGroups: [notebookStackName(orgName, name), resources.autoscalingGroup],
    });
  }

  private template(
    { orgName, region, org, cluster, hasEndpoints }: Place,
    settings: NotebookSettings,
    home: FileSystemFolder,
    role: NodeRole,
    tags: { readonly tags: Tags; readonly ownTags: Tags },
  ): NodeTemplate {
    const { resources, settings: ofCluster, bootScriptText } = cluster;
    const name = notebookStackName(orgName, settings.name);
    const config = notebookConfig(settings, {
      ...{ orgName, org, cluster: resources, settings: ofCluster, group: name },
      place: { region, hasEndpoints },
      homeAccessPointId: home.accessPointId,
    });
    return new NodeTemplate(this, "template", {
      name,
      settings: {
        instanceType: settings.instanceType,
        image: settings.image ?? ofCluster.image,
        efa: false,
        runtime: runtimeOf(ofCluster),
        rootVolumeGiB: settings.rootVolumeGiB,
      },
      ...tags,
      instanceProfileName: role.instanceProfileName,
      hasPublicAddress: false,
      securityGroupIds: [resources.nodeSecurityGroupId, org.fileSystemClientsGroupId],
      userData: renderUserData(config, bootScriptOf(ofCluster, bootScriptText)),
    });
  }

  private group(
    { orgName, org, cluster }: Place,
    { name }: NotebookSettings,
    template: NodeTemplate,
    role: NodeRole,
    tags: Tags,
  ): AutoscalingGroup {
    const [zone = 1] = zonesOf(cluster.settings);
    return new AutoscalingGroup(this, "group", {
      name: notebookStackName(orgName, name),
      minSize: 0,
      maxSize: 1,
      vpcZoneIdentifier: [org.privateSubnetIds[zone - 1] ?? ""],
      launchTemplate: { id: template.id, version: template.version },
      healthCheckType: "EC2",
      // The notebook sets the size and waits for its node; Terraform does neither.
      waitForCapacityTimeout: "0",
      lifecycle: { ignoreChanges: ["desired_capacity", "max_size"] },
      suspendedProcesses: ["AZRebalance"],
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [...role.dependables],
    });
  }
}

/** Where the notebook is. */
type Place = Pick<MpiNotebookProps, "orgName" | "region" | "org" | "cluster"> & {
  readonly hasEndpoints: boolean;
};
