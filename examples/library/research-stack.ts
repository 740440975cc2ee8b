import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { LocalBackend, TerraformOutput, TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { MusterTeardownGuardResource } from "muster/bindings";
import {
  addProviders,
  FileSystemSecurity,
  LogBucket,
  MpiCluster,
  OrgAccount,
  OrgKey,
  OrgNetwork,
  type OrgResources,
  orgResourcesOf,
  RegistryTable,
  SharedFileSystem,
} from "muster/stacks";

export interface ResearchStackProps {
  /** The org's name. */
  readonly org: string;
  readonly region: string;
  /** The number of the cluster's nodes. */
  readonly nodes: number;
}

/**
 * An org and one cluster in a single stack, put together from Muster's constructs, with a resource of your own: a parameter that says
 * where the cluster's hosts are listed.
 */
export class ResearchStack extends TerraformStack {
  readonly cluster: MpiCluster;

  constructor(scope: Construct, id: string, { org, region, nodes }: ResearchStackProps) {
    super(scope, id);
    new LocalBackend(this, { path: "research.tfstate" });
    addProviders(this, { org: { name: org, region, tags: { team: "research" } } });
    const resources = this.shared(org, region);
    const all = this.node.findAll().filter(TerraformResource.isTerraformResource);
    // It depends on all that clusters share, and the cluster on it: so destroy refuses while another cluster is left.
    const guard = new MusterTeardownGuardResource(this, "guard", { dependsOn: all });
    this.cluster = new MpiCluster(this, "cluster", {
      orgName: org,
      region,
      org: resources,
      name: "research",
      nodes,
      instanceType: "c5.xlarge",
      idleTimeoutMinutes: 30,
      tags: { project: "weather" },
      after: [guard],
    });
    const { uuid, fleet } = this.cluster;
    new SsmParameter(this, "hostfile", {
      name: `/research/${org}/hostfile`,
      type: "String",
      value: `/shared/.hostfile-${uuid}`,
    });
    new TerraformOutput(this, "cluster_uuid", { value: uuid, staticId: true });
    new TerraformOutput(this, "ready_nodes", { value: fleet.readyNodes, staticId: true });
  }

  /** What clusters share. */
  private shared(org: string, region: string): OrgResources {
    const name = `muster-${org}`;
    const { accountId, partition } = new OrgAccount(this, "account");
    const account = { accountId, partition, region };
    const key = new OrgKey(this, "key", { orgName: org, account });
    const network = new OrgNetwork(this, "network", { name, region, cidr: "10.30.0.0/16" });
    const security = new FileSystemSecurity(this, "security", { name, vpcId: network.vpcId });
    const table = new RegistryTable(this, "registry", { orgName: org, keyArn: key.arn });
    const logs = new LogBucket(this, "logs", { orgName: org, keyArn: key.arn, account });
    const files = new SharedFileSystem(this, "files", {
      name,
      keyArn: key.arn,
      subnetIds: network.privateSubnetIds,
      securityGroupId: security.fileSystemGroupId,
    });
    return orgResourcesOf({ key, network, security, table, logs, files });
  }
}
